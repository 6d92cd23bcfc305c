// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/** y = log x. dx = dy / x. */
public final class Log extends UnaryFunction {
  private Log() {
    super(Unary.LOG);
  }

  public static Var of(Var x) {
    return new Log().apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    return Reciprocal.of(x);
  }
}
