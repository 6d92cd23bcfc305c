// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Reduce;
import org.generatrix.binding.Reduction;
import org.generatrix.tensor.Tensor;

/** y = the sum of x over axes, accumulated in double. dx = dy repeated along them. */
public final class Sum extends Op {
  private final int axes;

  private Sum(int axes) {
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

  /** What a gradient needs whose operand was repeated: the sum over the repeated axes. */
  public static Var to(Var x, long... shape) {
    return to(x, shape, shape);
  }

  /** As {@link #to(Var, long...)}, with as many elements in another shape. */
  static Var to(Var x, long[] seenAs, long... shape) {
    if (Arrays.equals(x.shape(), shape)) {
      return x;
    }
    int bits = Axes.repeated(seenAs, x.shape());
    return over(x, bits, shape);
  }

  private static Var over(Var x, int axes, long... shape) {
    Tensor y = x.tape().empty(x.dtype(), shape);
    Reduce.reduce(x.tape().device(), Reduction.SUM, x.shape(), axes, x.view(), y.view());
    return new Sum(axes).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    long[] shape = g.input(0).shape();
    g.add(0, Broadcast.of(g.gradient(), Axes.ones(shape, axes), 1, shape));
  }
}
