// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Resample;
import org.generatrix.tensor.Shape;
import org.generatrix.tensor.Tensor;

/**
 * y = in each picture the sum of x's elements whose index names the pixel, elsewhere 0: the inverse
 * of a max pooling given its indices (Zeiler and Fergus 2014), and its gradient. Linear in x; dx =
 * dy at the indices.
 */
public final class Unpool extends Op {
  private final Resample.Unpool p;

  private Unpool(Resample.Unpool p) {
    this.p = p;
  }

  /**
   * To pictures of a given size.
   *
   * @param x [batch, channels, ..]
   * @param index a constant shaped like x, see {@link MaxPool.Found}; what names no pixel is passed
   *     over
   * @param height 1 for x [batch, channels, length]
   */
  public static Var of(Var x, Var index, long height, long width) {
    Pictures in = Pictures.of("x", x);
    if (!Arrays.equals(Shape.of(x.value()), Shape.of(index.value()))) {
      throw new IllegalArgumentException(
          "expected an index %s, got %s"
              .formatted(Arrays.toString(x.shape()), Arrays.toString(index.shape())));
    }
    if (index.needsGradient()) {
      throw new IllegalArgumentException(
          "expected an index that is a constant, got one with a gradient");
    }
    if (height < 0 || width < 0 || in.line() && height != 1) {
      throw new IllegalArgumentException(
          "expected sizes of at least 0%s, got %d x %d"
              .formatted(in.line() ? " and a height of 1" : "", height, width));
    }
    Resample.Unpool p =
        new Resample.Unpool(in.planes(), in.pixels(), Math.multiplyExact(height, width), false);
    return of(x, index, p, in.shape(in.channels(), height, width));
  }

  private static Var of(Var x, Var index, Resample.Unpool p, long... shape) {
    Tensor y = x.tape().empty(x.dtype(), shape);
    Resample.unpool(x.tape().device(), p, x.view(), index.view(), y.view());
    return new Unpool(p).record(y, x, index);
  }

  @Override
  protected void backward(Flow g) {
    g.add(0, of(g.gradient(), g.input(1), p.back(), Shape.of(g.input(0).value())));
  }
}
