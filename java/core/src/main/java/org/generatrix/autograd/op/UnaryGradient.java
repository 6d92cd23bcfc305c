// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Elementwise;
import org.generatrix.binding.Unary;
import org.generatrix.tensor.Tensor;

/** dx = dy f'(x; p) in one pass, from x or y = f(x). It has no gradient of its own. */
final class UnaryGradient extends Op {
  static Var of(Unary f, double p, Var x, Var y, Var dy) {
    Tensor dx = dy.tape().empty(dy.dtype(), dy.shape());
    Elementwise.unaryBackward(dy.tape().device(), f, p, x.view(), y.view(), dy.view(), dx.view());
    return new UnaryGradient().record(dx, x, y, dy);
  }

  /** f'(x; p) as a constant: of functions made of straight lines all there is to know. */
  static Var slope(Unary f, double p, Var x, Var y) {
    return of(f, p, x.detach(), y.detach(), ScaleShift.of(y.detach(), 0, 1));
  }
}
