// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/** y = min(x, most). dx = dy [x < most]. */
public final class AtMost extends UnaryFunction {
  private AtMost(double most) {
    super(Unary.AT_MOST, most);
  }

  public static Var of(Var x, double most) {
    return new AtMost(most).apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    return constantSlope(x, y);
  }
}
