// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/** y = x if x > 0, else slope x (Maas, Hannun, Ng 2013). dx = dy or dy slope, the latter at 0. */
public final class LeakyRelu extends UnaryFunction {
  private LeakyRelu(double slope) {
    super(Unary.LEAKY_RELU, slope);
  }

  public static Var of(Var x, double slope) {
    return new LeakyRelu(slope).apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    return constantSlope(x, y);
  }
}
