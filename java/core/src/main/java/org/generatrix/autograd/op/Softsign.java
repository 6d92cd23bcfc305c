// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/** y = x / (1 + |x|) (Glorot, Bengio 2010). dx = dy / (1 + |x|)^2. */
public final class Softsign extends UnaryFunction {
  private Softsign() {
    super(Unary.SOFTSIGN);
  }

  public static Var of(Var x) {
    return new Softsign().apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    return Square.of(Reciprocal.of(Abs.of(x).add(1)));
  }
}
