// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/** y = e^x - 1, also near 0. dx = dy (y + 1). */
public final class Expm1 extends UnaryFunction {
  private Expm1() {
    super(Unary.EXPM1);
  }

  public static Var of(Var x) {
    return new Expm1().apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    return y.add(1);
  }
}
