// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Elementwise;
import org.generatrix.tensor.Tensor;

/** y = alpha x + beta. dx = alpha dy. */
public final class ScaleShift extends Op {
  private final double alpha;

  private ScaleShift(double alpha) {
    this.alpha = alpha;
  }

  public static Var of(Var x, double alpha, double beta) {
    Tensor y = x.tape().empty(x.dtype(), x.shape());
    Elementwise.affine(x.tape().device(), alpha, beta, x.shape(), x.shape(), x.view(), y.view());
    return new ScaleShift(alpha).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    g.add(0, alpha == 1 ? g.gradient() : of(g.gradient(), alpha, 0));
  }
}
