// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/** y = e^x. dx = dy y. */
public final class Exp extends UnaryFunction {
  private Exp() {
    super(Unary.EXP);
  }

  public static Var of(Var x) {
    return new Exp().apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    return y;
  }
}
