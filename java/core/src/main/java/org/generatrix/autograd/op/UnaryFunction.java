// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Elementwise;
import org.generatrix.binding.Unary;
import org.generatrix.tensor.Tensor;

/** y = f(x; p), element by element. dx = dy f'(x; p). */
abstract class UnaryFunction extends Op {
  private final Unary f;
  private final double p;

  UnaryFunction(Unary f, double p) {
    this.f = f;
    this.p = p;
  }

  UnaryFunction(Unary f) {
    this(f, 0);
  }

  final Var apply(Var x) {
    Tensor y = x.tape().empty(x.dtype(), x.shape());
    Elementwise.unary(x.tape().device(), f, p, x.view(), y.view());
    return record(y, x);
  }

  /**
   * f'(x; p) made of operations, for second derivatives; null if there are none, as for functions
   * whose gradient is only fused.
   */
  abstract Var slope(Var x, Var y);

  /** For functions made of straight lines. */
  final Var constantSlope(Var x, Var y) {
    return UnaryGradient.slope(f, p, x, y);
  }

  @Override
  protected final void backward(Flow g) {
    Var x = g.input(0);
    Var y = g.output();
    Var slope = g.isRecording() ? slope(x, y) : null;
    g.add(0, slope == null ? UnaryGradient.of(f, p, x, y, g.gradient()) : g.gradient().mul(slope));
  }
}
