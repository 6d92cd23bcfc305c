// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/**
 * y = lambda x if x > 0, else lambda alpha (e^x - 1), with the constants that keep mean 0 and
 * variance 1 (Klambauer et al. 2017).
 */
public final class Selu extends UnaryFunction {
  public static final double LAMBDA = 1.0507009873554805;
  public static final double ALPHA = 1.6732632423543772;

  private Selu() {
    super(Unary.SELU);
  }

  public static Var of(Var x) {
    return new Selu().apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    Var right = UnaryGradient.slope(Unary.RELU, 0, x, x); // [x > 0]
    return right.mul(LAMBDA).add(right.neg().add(1).mul(y.add(LAMBDA * ALPHA)));
  }
}
