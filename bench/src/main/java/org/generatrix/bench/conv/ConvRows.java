// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.conv;

import java.util.ArrayList;
import java.util.List;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.RowFamily;

/**
 * Convolutions: the generator of a DCGAN and its mirror image, kernels of PixelCNNs, and the light
 * ones between.
 */
public final class ConvRows implements RowFamily {
  private static final int[] CHANNELS = {1024, 512, 256, 128, 3};
  private static final int BATCH = 32;

  private final List<BenchRow> rows = new ArrayList<>();

  @Override
  public List<BenchRow> rows() {
    for (ConvPass pass : new ConvPass[] {ConvPass.FORWARD, ConvPass.PACKED, ConvPass.BACKWARD}) {
      for (int i = 0; i < 4; i++) { // 1024 -> 512 at 4 x 4 to 128 or 256 -> 3 at 32 x 32
        int in = i == 3 ? 128 : CHANNELS[i];
        int out = CHANNELS[i + 1];
        add(pass, "dcgan-deconv" + (i + 1), ConvCase.scaling(true, BATCH, in, out, 4 << i));
      }
      for (int i = 0; i < 4; i++) {
        int in = CHANNELS[4 - i];
        int out = i == 0 ? 128 : CHANNELS[3 - i];
        add(pass, "dcgan-conv" + (i + 1), ConvCase.scaling(false, BATCH, in, out, 64 >> i));
        add(pass, "k3-" + (i + 1), ConvCase.same(BATCH, in, out, 32 >> i, 3));
      }
    }
    for (ConvPass pass : new ConvPass[] {ConvPass.FORWARD, ConvPass.PACKED, ConvPass.TRAIN}) {
      add(pass, "masked3x3B", ConvCase.same(16, 128, 128, 32, 3).causal(true));
      add(pass, "masked5x5B", ConvCase.same(16, 64, 64, 28, 5).causal(true));
      add(pass, "masked7x7A", ConvCase.same(16, 3, 128, 32, 7).causal(false));
    }
    for (ConvPass pass : new ConvPass[] {ConvPass.FORWARD, ConvPass.BACKWARD}) {
      add(pass, "depthwise3x3", ConvCase.same(8, 64, 64, 64, 3).inGroups(64));
      add(pass, "1x1", ConvCase.same(8, 64, 64, 64, 1));
      for (int dilation = 1; dilation <= 8; dilation *= 2) {
        add(pass, "dilated" + dilation, ConvCase.same(8, 64, 64, 64, 3).dilated(dilation));
      }
    }
    return rows;
  }

  private void add(ConvPass pass, String name, ConvCase c) {
    rows.add(
        new BenchRow(
            "%s:%s:%d-%dx%dx%d:b%d"
                .formatted(pass.work(), name, c.in(), c.out(), c.size(), c.size(), c.batch()),
            threads -> new ConvTrial(c, pass, threads)));
  }
}
