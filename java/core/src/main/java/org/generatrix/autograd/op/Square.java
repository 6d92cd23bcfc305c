// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/** y = x^2. dx = 2 dy x. */
public final class Square extends UnaryFunction {
  private Square() {
    super(Unary.SQUARE);
  }

  public static Var of(Var x) {
    return new Square().apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    return x.mul(2);
  }
}
