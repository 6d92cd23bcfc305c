// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Elementwise;
import org.generatrix.binding.Unary;
import org.generatrix.tensor.Tensor;

/** dx = dy f'(x; p) in one pass. It has no gradient of its own. */
final class UnaryGradient extends Op {
  static Var fromInput(Unary f, double p, Var x, Var dy) {
    Tensor dx = dy.tape().empty(dy.dtype(), dy.shape());
    Elementwise.unaryBackward(dy.tape().device(), f, p, x.view(), null, dy.view(), dx.view());
    return new UnaryGradient().record(dx, x, dy);
  }

  static Var fromOutput(Unary f, double p, Var y, Var dy) {
    Tensor dx = dy.tape().empty(dy.dtype(), dy.shape());
    Elementwise.unaryBackward(dy.tape().device(), f, p, null, y.view(), dy.view(), dx.view());
    return new UnaryGradient().record(dx, y, dy);
  }
}
