// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Reduce;
import org.generatrix.binding.Reduction;
import org.generatrix.binding.Unary;
import org.generatrix.tensor.Tensor;

/** y = the sum of |x| over axes, accumulated in double. dx = dy sign(x), 0 at 0. */
public final class SumOfSizes extends Op {
  private final int axes;

  private SumOfSizes(int axes) {
    this.axes = axes;
  }

  /** Over the given axes, which go; over none given, all of them. */
  public static Var of(Var x, int... axes) {
    int bits = Axes.bits(x.shape(), axes);
    Tensor y = x.tape().empty(x.dtype(), Axes.without(x.shape(), bits));
    Reduce.reduce(x.tape().device(), Reduction.SUM_OF_SIZES, x.shape(), bits, x.view(), y.view());
    return new SumOfSizes(bits).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    Var x = g.input(0);
    long[] ones = Axes.ones(x.shape(), axes);
    g.add(
        0, Broadcast.of(g.gradient(), ones, 1, ones).mul(UnaryGradient.slope(Unary.ABS, 0, x, x)));
  }
}
