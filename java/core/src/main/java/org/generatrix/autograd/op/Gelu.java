// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/**
 * y = x Phi(x), Phi of the normal distribution by erf (Hendrycks, Gimpel 2016). dx = dy (Phi(x) + x
 * Phi'(x)).
 */
public final class Gelu extends UnaryFunction {
  private Gelu() {
    super(Unary.GELU);
  }

  public static Var of(Var x) {
    return new Gelu().apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    return null;
  }
}
