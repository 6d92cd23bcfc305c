// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/** y = max(x, least); the shifted ReLU for -1. dx = dy [x > least]. */
public final class AtLeast extends UnaryFunction {
  private AtLeast(double least) {
    super(Unary.AT_LEAST, least);
  }

  public static Var of(Var x, double least) {
    return new AtLeast(least).apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    return constantSlope(x, y);
  }
}
