// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Reduce;
import org.generatrix.tensor.Tensor;

/** y = the sum of a b over axes, in one pass, accumulated in double. da = dy b, db = dy a. */
public final class Dot extends Op {
  private final int axes;

  private Dot(int axes) {
    this.axes = axes;
  }

  /** Of arrays of one shape, over the given axes, which go; over none given, all of them. */
  public static Var of(Var a, Var b, int... axes) {
    if (!Arrays.equals(a.shape(), b.shape())) {
      throw new IllegalArgumentException(
          "expected two arrays of one shape, got "
              + Arrays.toString(a.shape())
              + " and "
              + Arrays.toString(b.shape()));
    }
    int bits = Axes.bits(a.shape(), axes);
    return over(a, b, bits, Axes.without(a.shape(), bits));
  }

  /** a b summed over the axes along which an operand of the given shape was repeated. */
  static Var to(Var a, Var b, long... shape) {
    if (!Arrays.equals(a.shape(), b.shape()) || Arrays.equals(a.shape(), shape)) {
      return Sum.to(Mul.of(a, b), shape);
    }
    return over(a, b, Axes.repeated(shape, a.shape()), shape);
  }

  private static Var over(Var a, Var b, int axes, long... shape) {
    Tensor y = a.tape().empty(a.dtype(), shape);
    Reduce.dot(a.tape().device(), a.shape(), axes, a.view(), b.view(), y.view());
    return new Dot(axes).record(y, a, b);
  }

  @Override
  protected void backward(Flow g) {
    for (int i = 0; i < 2; i++) {
      if (g.wants(i)) {
        Var other = g.input(1 - i);
        long[] ones = Axes.ones(other.shape(), axes);
        g.add(i, Mul.of(Broadcast.of(g.gradient(), ones, 1, ones), other));
      }
    }
  }
}
