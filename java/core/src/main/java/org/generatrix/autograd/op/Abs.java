// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/** y = |x|. dx = dy sign(x), 0 at 0. */
public final class Abs extends UnaryFunction {
  private Abs() {
    super(Unary.ABS);
  }

  public static Var of(Var x) {
    return new Abs().apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    return constantSlope(x, y);
  }
}
