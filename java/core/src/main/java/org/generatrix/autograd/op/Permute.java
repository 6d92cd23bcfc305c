// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.tensor.Rearrange;
import org.generatrix.tensor.Shape;
import org.generatrix.tensor.Tensor;

/** Axis d of y is axis axes[d] of x; for two axes, the transpose. dx = dy, permuted back. */
public final class Permute extends Op {
  private final int[] axes;

  private Permute(int... axes) {
    this.axes = axes;
  }

  /** Each axis of x once; -1 is the last one. */
  public static Var of(Var x, int... axes) {
    long[] shape = Shape.of(x.value());
    return inOrder(x, Shape.permutation(axes, shape.length));
  }

  /** With two axes exchanged. */
  public static Var swapped(Var x, int axis, int other) {
    return inOrder(x, Shape.swapped(axis, other, Shape.of(x.value()).length));
  }

  private static Var inOrder(Var x, int... axes) {
    Tensor y = x.tape().empty(x.dtype(), Shape.permuted(Shape.of(x.value()), axes));
    Rearrange.permute(x.value(), axes, y);
    return new Permute(axes).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    int[] back = new int[axes.length];
    for (int d = 0; d < axes.length; d++) {
      back[axes[d]] = d;
    }
    g.add(0, inOrder(g.gradient(), back));
  }
}
