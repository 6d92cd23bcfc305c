// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/** y = tanh x. dx = dy (1 - y^2). */
public final class Tanh extends UnaryFunction {
  private Tanh() {
    super(Unary.TANH);
  }

  public static Var of(Var x) {
    return new Tanh().apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    return Square.of(y).neg().add(1);
  }
}
