// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/**
 * y = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, the usual approximation of {@link Gelu}.
 */
public final class GeluTanh extends UnaryFunction {
  private GeluTanh() {
    super(Unary.GELU_TANH);
  }

  public static Var of(Var x) {
    return new GeluTanh().apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    return null;
  }
}
