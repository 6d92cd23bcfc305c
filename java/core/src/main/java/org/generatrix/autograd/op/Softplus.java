// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/** y = log(1 + e^x). dx = dy / (1 + e^-x). */
public final class Softplus extends UnaryFunction {
  private Softplus() {
    super(Unary.SOFTPLUS);
  }

  public static Var of(Var x) {
    return new Softplus().apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    return Sigmoid.of(x);
  }
}
