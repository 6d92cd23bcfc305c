// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Elementwise;
import org.generatrix.binding.Unary;
import org.generatrix.tensor.Tensor;

/** y = tanh x, element by element. dx = dy (1 - y^2). */
public final class Tanh extends Op {
  public static Var of(Var x) {
    Tensor y = x.tape().empty(x.dtype(), x.shape());
    Elementwise.unary(x.tape().device(), Unary.TANH, 0, x.view(), y.view());
    return new Tanh().record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    g.add(0, UnaryGradient.fromOutput(Unary.TANH, 0, g.output(), g.gradient()));
  }
}
