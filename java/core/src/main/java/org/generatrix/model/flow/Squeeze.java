// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import java.util.Arrays;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Resampling;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Resample.BlockOrder;

/**
 * Squares of 2 x 2 pixels become channels, [n, c, h, w] to [n, 4 c, h / 2, w / 2] (Dinh et al.
 * 2017, section 3.6). The log-determinant is exactly 0.
 */
public final class Squeeze extends Transform {
  private final BlockOrder order;

  /** In the order of the channels of {@link Resampling#squeeze}. */
  public Squeeze() {
    this(BlockOrder.BY_CHANNEL);
  }

  /**
   * @param order of the channels: BY_CHECKERBOARD where half of them are to be factored out
   */
  public Squeeze(BlockOrder order) {
    this.order = order;
  }

  @Override
  public Mapped forward(Var x, Var logDet, Var context) {
    return new Mapped(Resampling.spaceToDepth(x, 2, order), gathered(x, logDet));
  }

  @Override
  public Mapped inverse(Var y, Var logDet, Var context) {
    return new Mapped(Resampling.depthToSpace(y, 2, order), gathered(y, logDet));
  }

  @Override
  public long[] forwardShape(long... example) {
    if (example.length != 3 || example[1] % 2 != 0 || example[2] % 2 != 0) {
      throw new IllegalArgumentException(
          "expected [channels, height, width] of even sides, got " + Arrays.toString(example));
    }
    return new long[] {4 * example[0], example[1] / 2, example[2] / 2};
  }

  @Override
  public long[] inverseShape(long... example) {
    if (example.length != 3 || example[0] % 4 != 0) {
      throw new IllegalArgumentException(
          "expected [channels, height, width] of channels by four, got "
              + Arrays.toString(example));
    }
    return new long[] {example[0] / 4, 2 * example[1], 2 * example[2]};
  }
}
