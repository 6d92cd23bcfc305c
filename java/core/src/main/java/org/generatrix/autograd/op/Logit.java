// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Coupling;
import org.generatrix.binding.Rng;
import org.generatrix.binding.View;
import org.generatrix.tensor.Tensor;

/**
 * y = log p - log(1 - p) with p = low + (high - low) x: what lies in [0, 1] onto a line, kept away
 * from its ends (Dinh et al. 2017, section 4.1, has 0.05 to 1); log det = sum log(high - low) - log
 * p - log(1 - p). A p outside of (0, 1) gives NaN. The inverse is x = (sigmoid(y) - low) / (high -
 * low).
 */
public final class Logit extends MappedOp {
  private static final Rng NO_DRAW = new Rng(0, 0);

  private final Coupling.Dequantise p;

  private Logit(Coupling.Dequantise p) {
    this.p = p;
  }

  /**
   * @param x [n, ..]
   * @param logDet FLOAT64 [n], or null for zeros
   * @param low at least 0 and below high
   * @param high at most 1
   */
  public static Mapped of(Var x, Var logDet, double low, double high, boolean inverse) {
    Logit op =
        new Logit(
            new Coupling.Dequantise(
                Batch.rows("x", x), Batch.units(x), 0, true, low, high, inverse));
    Tensor y = x.tape().empty(x.dtype(), x.shape());
    Tensor gathered = logDet(x, logDet);
    Coupling.dequantise(
        x.tape().device(), op.p, NO_DRAW, x.view(), view(logDet), y.view(), gathered.view());
    return op.record(y, gathered, logDet, x);
  }

  @Override
  void gradients(Flow g, View dy, View dLogDet, View... made) {
    Coupling.dequantiseBackward(
        g.output(0).tape().device(), p, g.input(0).view(), dy, dLogDet, made[0]);
  }
}
