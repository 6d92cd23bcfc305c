// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Softmax;
import org.generatrix.tensor.Tensor;

/** y = log sum e^x along an axis, which goes. dx = dy e^(x - y). Infinities: softmax.h. */
public final class LogSumExp extends Op {
  private final AxisLayout at;

  private LogSumExp(AxisLayout at) {
    this.at = at;
  }

  public static Var of(Var x, int axis) {
    AxisLayout at = AxisLayout.of(x.shape(), axis);
    Tensor y = x.tape().empty(x.dtype(), Axes.without(x.shape(), 1 << at.axis()));
    Softmax.logSumExp(x.tape().device(), at.outer(), at.n(), at.inner(), x.view(), y.view());
    return new LogSumExp(at).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    Var x = g.input(0);
    if (g.isRecording()) {
      long[] ones = Axes.ones(x.shape(), 1 << at.axis());
      Var y = Broadcast.of(g.output(), ones, 1, ones);
      g.add(0, Exp.of(x.sub(y)).mul(Broadcast.of(g.gradient(), ones, 1, ones)));
    } else {
      g.add(0, Gradient.of(at, x, g.output(), g.gradient()));
    }
  }

  /** It has no gradient of its own. */
  private static final class Gradient extends Op {
    static Var of(AxisLayout at, Var x, Var y, Var dy) {
      Tensor dx = x.tape().empty(x.dtype(), x.shape());
      Softmax.logSumExpBackward(
          x.tape().device(),
          at.outer(),
          at.n(),
          at.inner(),
          x.view(),
          y.view(),
          dy.view(),
          dx.view());
      return new Gradient().record(dx, x, y, dy);
    }
  }
}
