// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Reduce;
import org.generatrix.binding.Reduction;
import org.generatrix.tensor.Tensor;

/** y = the mean of x over axes, accumulated in double. dx = dy / count repeated along them. */
public final class Mean extends Op {
  private final int axes;

  private Mean(int axes) {
    this.axes = axes;
  }

  /** Over the given axes, which go; over none given, all of them. */
  public static Var of(Var x, int... axes) {
    int bits = Axes.bits(x.shape(), axes);
    return over(x, bits, Axes.without(x.shape(), bits));
  }

  /** Over the given axes, which stay with size 1. */
  public static Var keeping(Var x, int... axes) {
    int bits = Axes.bits(x.shape(), axes);
    return over(x, bits, Axes.ones(x.shape(), bits));
  }

  private static Var over(Var x, int axes, long... shape) {
    Tensor y = x.tape().empty(x.dtype(), shape);
    Reduce.reduce(x.tape().device(), Reduction.MEAN, x.shape(), axes, x.view(), y.view());
    return new Mean(axes).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    Var x = g.input(0);
    double share = (double) g.output().size() / x.size();
    g.add(0, Broadcast.of(g.gradient(), Axes.ones(x.shape(), axes), share, x.shape()));
  }
}
