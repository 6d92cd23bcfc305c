// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.tensor.Tensor;

/** The fused gradient of softmax and log-softmax. It has no gradient of its own. */
final class SoftmaxGradient extends Op {
  static Var of(boolean log, AxisLayout at, Var y, Var dy) {
    Tensor dx = dy.tape().empty(dy.dtype(), dy.shape());
    org.generatrix.binding.Softmax.softmaxBackward(
        dy.tape().device(), log, at.outer(), at.n(), at.inner(), y.view(), dy.view(), dx.view());
    return new SoftmaxGradient().record(dx, y, dy);
  }
}
