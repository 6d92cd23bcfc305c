// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/** y = sqrt x. dx = dy / (2 y). */
public final class Sqrt extends UnaryFunction {
  private Sqrt() {
    super(Unary.SQRT);
  }

  public static Var of(Var x) {
    return new Sqrt().apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    return Reciprocal.of(y).mul(0.5);
  }
}
