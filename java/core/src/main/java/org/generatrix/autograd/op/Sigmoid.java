// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/** y = 1 / (1 + e^-x). dx = dy y (1 - y). */
public final class Sigmoid extends UnaryFunction {
  private Sigmoid() {
    super(Unary.SIGMOID);
  }

  public static Var of(Var x) {
    return new Sigmoid().apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    return y.mul(y.neg().add(1));
  }
}
