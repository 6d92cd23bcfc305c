// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.autoregressive;

import java.util.List;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.RowFamily;
import org.generatrix.binding.Device;
import org.generatrix.model.autoregressive.AutoregressiveImages;
import org.generatrix.model.autoregressive.GatedPixelCnn;
import org.generatrix.model.autoregressive.GatedPixelCnnConfig;
import org.generatrix.model.autoregressive.ImageShape;
import org.generatrix.model.autoregressive.PixelCnn;
import org.generatrix.model.autoregressive.PixelCnnConfig;

/** Samples of digits from PixelCNNs: each activation once, against a pass for each pixel. */
public final class PixelCnnSampleRows implements RowFamily {
  private static final ImageShape DIGIT = ImageShape.binary(28, 28);

  @Override
  public List<BenchRow> rows() {
    return List.of(
        new BenchRow(
            "pixelcnn-sample:plain16x15:28x28:b16",
            threads -> new PixelCnnSampleTrial(plain(threads), 16)),
        new BenchRow(
            "pixelcnn-sample:plain16x15:28x28:b256",
            threads -> new PixelCnnSampleTrial(plain(threads), 256)),
        new BenchRow(
            "pixelcnn-sample:gated32x12:28x28:b256",
            threads -> new PixelCnnSampleTrial(gated(threads), 256)));
  }

  private static AutoregressiveImages plain(int threads) {
    return PixelCnn.create(Device.cpu(threads), PixelCnnConfig.of(DIGIT, 16, 15), 1);
  }

  private static AutoregressiveImages gated(int threads) {
    return GatedPixelCnn.create(Device.cpu(threads), GatedPixelCnnConfig.of(DIGIT, 32, 12), 1);
  }
}
