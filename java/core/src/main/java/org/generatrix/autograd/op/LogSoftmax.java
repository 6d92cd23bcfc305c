// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.tensor.Tensor;

/** y = x - log sum e^x along an axis. dx = dy - e^y sum(dy). Infinities: softmax.h. */
public final class LogSoftmax extends Op {
  private final AxisLayout at;

  private LogSoftmax(AxisLayout at) {
    this.at = at;
  }

  public static Var of(Var x, int axis) {
    AxisLayout at = AxisLayout.of(x.shape(), axis);
    Tensor y = x.tape().empty(x.dtype(), x.shape());
    org.generatrix.binding.Softmax.softmax(
        x.tape().device(), true, at.outer(), at.n(), at.inner(), x.view(), y.view());
    return new LogSoftmax(at).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    Var y = g.output();
    Var dy = g.gradient();
    if (g.isRecording()) {
      g.add(0, dy.sub(Exp.of(y).mul(Sum.keeping(dy, at.axis()))));
      return;
    }
    g.add(0, SoftmaxGradient.of(true, at, y, dy));
  }
}
