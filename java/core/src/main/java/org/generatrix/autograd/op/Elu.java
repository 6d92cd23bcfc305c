// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/**
 * y = x if x > 0, else alpha (e^x - 1), alpha at least 0 (Clevert, Unterthiner, Hochreiter 2016).
 * dx = dy, or dy (y + alpha), the latter at 0.
 */
public final class Elu extends UnaryFunction {
  private final double alpha;

  private Elu(double alpha) {
    super(Unary.ELU, alpha);
    this.alpha = alpha;
  }

  public static Var of(Var x, double alpha) {
    return new Elu(alpha).apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    Var right = UnaryGradient.slope(Unary.RELU, 0, x, x); // [x > 0]
    return right.add(right.neg().add(1).mul(y.add(alpha)));
  }
}
