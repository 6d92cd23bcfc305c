// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Resample;
import org.generatrix.binding.Resample.Pooling;
import org.generatrix.binding.Resample.Windows;
import org.generatrix.tensor.Shape;
import org.generatrix.tensor.Tensor;

/**
 * Sums or averages of windows: a linear map, whose gradient is its adjoint and the other way round.
 */
public final class Pool extends Op {
  private final Resample.Pool p;

  private Pool(Resample.Pool p) {
    this.p = p;
  }

  /**
   * Over the windows of x [batch, channels, height, width] or [batch, channels, length].
   *
   * @param kind not MAX
   */
  public static Var of(Var x, Window w, Pooling kind) {
    if (kind == Pooling.MAX) {
      throw new IllegalArgumentException("expected sums or averages, got MAX: see MaxPool");
    }
    Resample.Pool p = params(x, w, kind);
    return of(x, p, shape(x, p));
  }

  static Resample.Pool params(Var x, Window w, Pooling kind) {
    Pictures in = Pictures.of("x", x);
    int axes = in.line() ? 1 : 2;
    if (w.axes() != axes
        || w.groups() != 1
        || w.outputPadding().stream().anyMatch(padding -> padding != 0)) {
      throw new IllegalArgumentException(
          "expected a window of %d axes without groups and output padding, got %s"
              .formatted(axes, w));
    }
    Windows rows = in.line() ? new Windows(1, 1, 1, 1, 0) : windows(w, 0, in.height());
    return new Resample.Pool(
        in.batch(), in.channels(), rows, windows(w, axes - 1, in.width()), kind, false);
  }

  private static Windows windows(Window w, int axis, long in) {
    return new Windows(
        in,
        w.kernel().get(axis),
        w.stride().get(axis),
        w.dilation().get(axis),
        w.padding().get(axis));
  }

  static long[] shape(Var x, Resample.Pool p) {
    return Pictures.of("x", x).shape(p.channels(), p.rows().count(), p.columns().count());
  }

  private static Var of(Var x, Resample.Pool p, long... shape) {
    Tensor y = x.tape().empty(x.dtype(), shape);
    Resample.pool(x.tape().device(), p, x.view(), y.view(), null);
    return new Pool(p).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    g.add(0, of(g.gradient(), p.back(), Shape.of(g.input(0).value())));
  }
}
