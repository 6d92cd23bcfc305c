// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Resample;
import org.generatrix.binding.Resample.Pooling;
import org.generatrix.tensor.Tensor;

/**
 * The greatest element of each window, the first of equal ones, NaN if one is. dx = the sum of dy
 * over the windows that took the element: linear in dy, and can be recorded.
 */
public final class MaxPool extends Op {
  private final Tensor index; // null where no gradient will come

  private MaxPool(Tensor index) {
    this.index = index;
  }

  /**
   * What was greatest and where.
   *
   * @param index a constant shaped like y: where in its picture the element stands, row by row, as
   *     a number of x's type; for float32 pictures have at most 2^24 pixels
   */
  public record Found(Var y, Var index) {}

  /** Over the windows of x [batch, channels, height, width] or [batch, channels, length]. */
  public static Var of(Var x, Window w) {
    Tape tape = x.tape();
    Resample.Pool p = Pool.params(x, w, Pooling.MAX);
    boolean needed = tape.isRecording() && x.needsGradient();
    return of(x, p, needed ? tape.empty(x.dtype(), Pool.shape(x, p)) : null);
  }

  /** With the places. */
  public static Found withIndex(Var x, Window w) {
    Resample.Pool p = Pool.params(x, w, Pooling.MAX);
    Tensor index = x.tape().empty(x.dtype(), Pool.shape(x, p));
    return new Found(of(x, p, index), x.tape().constant(index));
  }

  private static Var of(Var x, Resample.Pool p, Tensor index) {
    Tensor y = x.tape().empty(x.dtype(), Pool.shape(x, p));
    Resample.pool(x.tape().device(), p, x.view(), y.view(), index == null ? null : index.view());
    return new MaxPool(index).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    Pictures x = Pictures.of("x", g.input(0));
    Var at = g.gradient().tape().constant(index);
    g.add(0, Unpool.of(g.gradient(), at, x.height(), x.width()));
  }
}
