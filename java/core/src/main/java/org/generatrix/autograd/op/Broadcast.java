// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Elementwise;
import org.generatrix.binding.Shapes;
import org.generatrix.tensor.Tensor;

/**
 * y = scale x, x repeated to a larger shape by NumPy's rule: shapes are aligned at their last axes,
 * an axis of size 1 is repeated. dx = scale dy, summed over the repeated axes.
 */
public final class Broadcast extends Op {
  private final long[] seenAs;
  private final double scale;

  private Broadcast(long[] seenAs, double scale) {
    this.seenAs = seenAs;
    this.scale = scale;
  }

  public static Var of(Var x, long... shape) {
    return of(x, x.shape(), 1, shape);
  }

  /** x seen with a shape of as many elements, for instance with axes of size 1 put in. */
  static Var of(Var x, long[] seenAs, double scale, long... shape) {
    if (!Arrays.equals(Shapes.broadcast(seenAs, shape), shape)) {
      throw new IllegalArgumentException(
          "expected a shape that "
              + Arrays.toString(seenAs)
              + " can be repeated to, got "
              + Arrays.toString(shape));
    }
    Tensor y = x.tape().empty(x.dtype(), shape);
    Elementwise.affine(x.tape().device(), scale, 0, seenAs, shape, x.view(), y.view());
    return new Broadcast(seenAs, scale).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    Var dx = Sum.to(g.gradient(), seenAs, g.input(0).shape());
    g.add(0, scale == 1 ? dx : ScaleShift.of(dx, scale, 0));
  }
}
