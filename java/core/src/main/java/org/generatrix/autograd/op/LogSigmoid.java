// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Unary;

/** y = -log(1 + e^-x). dx = dy / (1 + e^x). */
public final class LogSigmoid extends UnaryFunction {
  private LogSigmoid() {
    super(Unary.LOG_SIGMOID);
  }

  public static Var of(Var x) {
    return new LogSigmoid().apply(x);
  }

  @Override
  Var slope(Var x, Var y) {
    return Sigmoid.of(x.neg());
  }
}
