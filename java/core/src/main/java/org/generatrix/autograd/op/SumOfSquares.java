// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Reduce;
import org.generatrix.binding.Reduction;
import org.generatrix.tensor.Tensor;

/** y = the sum of x^2 over axes, accumulated in double. dx = 2 x dy. */
public final class SumOfSquares extends Op {
  private final int axes;

  private SumOfSquares(int axes) {
    this.axes = axes;
  }

  /** Over the given axes, which go; over none given, all of them. */
  public static Var of(Var x, int... axes) {
    int bits = Axes.bits(x.shape(), axes);
    Tensor y = x.tape().empty(x.dtype(), Axes.without(x.shape(), bits));
    Reduce.reduce(x.tape().device(), Reduction.SUM_OF_SQUARES, x.shape(), bits, x.view(), y.view());
    return new SumOfSquares(bits).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    Var x = g.input(0);
    long[] ones = Axes.ones(x.shape(), axes);
    g.add(0, x.mul(Broadcast.of(g.gradient(), ones, 2, ones)));
  }
}
