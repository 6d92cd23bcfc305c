// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.tensor.Tensor;

/** y = e^x / sum e^x along an axis. dx = y (dy - sum(y dy)). Infinities: softmax.h. */
public final class Softmax extends Op {
  private final AxisLayout at;

  private Softmax(AxisLayout at) {
    this.at = at;
  }

  public static Var of(Var x, int axis) {
    AxisLayout at = AxisLayout.of(x.shape(), axis);
    Tensor y = x.tape().empty(x.dtype(), x.shape());
    org.generatrix.binding.Softmax.softmax(
        x.tape().device(), false, at.outer(), at.n(), at.inner(), x.view(), y.view());
    return new Softmax(at).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    Var y = g.output();
    Var dy = g.gradient();
    if (g.isRecording()) {
      g.add(0, y.mul(dy.sub(Sum.keeping(dy.mul(y), at.axis()))));
      return;
    }
    g.add(0, SoftmaxGradient.of(false, at, y, dy));
  }
}
