// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Resample;
import org.generatrix.binding.Resample.BlockOrder;
import org.generatrix.tensor.Shape;
import org.generatrix.tensor.Tensor;

/**
 * Blocks of b x b pixels to b b channels, [batch, channels, height, width] to [batch, b b channels,
 * height / b, width / b], and back: sub-pixel convolution (Shi et al. 2016) by channel, the
 * squeezing of RealNVP with blocks of 2. The gradient of either direction is the other.
 */
public final class SpaceToDepth extends Op {
  private final Resample.Blocks p;

  private SpaceToDepth(Resample.Blocks p) {
    this.p = p;
  }

  public static Var of(Var x, long block, BlockOrder order) {
    Pictures in = Pictures.of("x", x).flat("blocks of pixels");
    if (block < 1 || in.height() % block != 0 || in.width() % block != 0) {
      throw new IllegalArgumentException(
          "expected blocks that divide %d x %d, got %d".formatted(in.height(), in.width(), block));
    }
    Resample.Blocks p =
        new Resample.Blocks(
            in.batch(), in.channels(), in.height(), in.width(), block, order, false);
    return of(
        x, p, in.shape(in.channels() * block * block, in.height() / block, in.width() / block));
  }

  /** From channels to blocks of pixels. */
  public static Var inverse(Var x, long block, BlockOrder order) {
    Pictures in = Pictures.of("x", x).flat("blocks of pixels");
    if (block < 1 || in.channels() % (block * block) != 0) {
      throw new IllegalArgumentException(
          "expected channels that are a multiple of the %d pixels of a block, got %d"
              .formatted(block * block, in.channels()));
    }
    long channels = in.channels() / (block * block);
    Resample.Blocks p =
        new Resample.Blocks(
            in.batch(), channels, in.height() * block, in.width() * block, block, order, true);
    return of(x, p, in.shape(channels, p.height(), p.width()));
  }

  private static Var of(Var x, Resample.Blocks p, long... shape) {
    Tensor y = x.tape().empty(x.dtype(), shape);
    Resample.spaceToDepth(x.tape().device(), p, x.view(), y.view());
    return new SpaceToDepth(p).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    g.add(0, of(g.gradient(), p.back(), Shape.of(g.input(0).value())));
  }
}
