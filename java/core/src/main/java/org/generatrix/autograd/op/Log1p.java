// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/** y = log(1 + x), also near 0. dx = dy / (1 + x). */
public final class Log1p extends UnaryFunction {
  private Log1p() {
    super(Unary.LOG1P);
  }

  public static Var of(Var x) {
    return new Log1p().apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    return Reciprocal.of(x.add(1));
  }
}
