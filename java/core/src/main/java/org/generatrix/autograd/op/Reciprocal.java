// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/** y = 1 / x. dx = -dy y^2. */
public final class Reciprocal extends UnaryFunction {
  private Reciprocal() {
    super(Unary.RECIPROCAL);
  }

  public static Var of(Var x) {
    return new Reciprocal().apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    return Square.of(y).neg();
  }
}
