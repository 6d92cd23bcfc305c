// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/**
 * y = x sigmoid(x), also swish (Ramachandran, Zoph, Le 2017). dx = dy s (1 + x (1 - s)), s =
 * sigmoid(x).
 */
public final class Silu extends UnaryFunction {
  private Silu() {
    super(Unary.SILU);
  }

  public static Var of(Var x) {
    return new Silu().apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    Var s = Sigmoid.of(x);
    return s.mul(x.mul(s.neg().add(1)).add(1));
  }
}
