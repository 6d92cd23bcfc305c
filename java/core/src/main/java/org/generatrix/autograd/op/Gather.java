// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.tensor.Rearrange;
import org.generatrix.tensor.Shape;
import org.generatrix.tensor.Tensor;

/**
 * Index k of y along an axis is index index[k] of x; repeats are allowed. A permutation of
 * features, the rows of an embedding. dx at r = the sum of dy at the k with index[k] = r.
 */
public final class Gather extends Op {
  private final int axis;
  private final long[] index;

  private Gather(int axis, long... index) {
    this.axis = axis;
    this.index = index;
  }

  /** -1 is the last axis. The index is not copied. */
  public static Var of(Var x, int axis, long... index) {
    long[] shape = Shape.of(x.value());
    int d = Shape.axis(axis, shape.length);
    Tensor y = x.tape().empty(x.dtype(), Shape.with(shape, d, index.length));
    Rearrange.gather(x.value(), d, index, y);
    return new Gather(d, index).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    g.add(0, Scattered.of(g.gradient(), axis, index, Shape.of(g.input(0).value())));
  }

  /** The adjoint; its own gradient is a gather. */
  private static final class Scattered extends Op {
    private final int axis;
    private final long[] index;

    private Scattered(int axis, long... index) {
      this.axis = axis;
      this.index = index;
    }

    static Var of(Var x, int axis, long[] index, long... shape) {
      Tensor y = x.tape().empty(x.dtype(), shape);
      Rearrange.gatherBackward(x.value(), axis, index, y);
      return new Scattered(axis, index).record(y, x);
    }

    @Override
    protected void backward(Flow g) {
      g.add(0, Gather.of(g.gradient(), axis, index));
    }
  }
}
