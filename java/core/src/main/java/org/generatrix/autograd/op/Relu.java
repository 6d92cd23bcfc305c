// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/** y = max(x, 0) (Nair, Hinton 2010). dx = dy [x > 0]. */
public final class Relu extends UnaryFunction {
  private Relu() {
    super(Unary.RELU);
  }

  public static Var of(Var x) {
    return new Relu().apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    return constantSlope(x, y);
  }
}
