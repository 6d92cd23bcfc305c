// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Coupling;
import org.generatrix.tensor.Tensor;

/**
 * y[r] = logDet[r] + sum_i log p(z[r][i]) under a base density of independent elements, in nats,
 * FLOAT64 [n] (Dinh et al. 2017, eq. 2 and 16). dz = dy d log p / dz: -z, or -tanh(z / 2).
 */
public final class BaseLogDensity extends Op {
  private final Base base;
  private boolean gathers; // a log-determinant came in

  private BaseLogDensity(Base base) {
    this.base = base;
  }

  /**
   * @param z [n, ..]
   * @param logDet FLOAT64 [n], or null for zeros
   */
  public static Var of(Var z, Var logDet, Base base) {
    Tensor y = MappedOp.logDet(z, logDet);
    long units = Batch.units(z);
    Coupling.baseLogDensity(
        z.tape().device(),
        y.size(),
        units,
        units,
        base.code,
        z.view(),
        MappedOp.view(logDet),
        y.view());
    BaseLogDensity op = new BaseLogDensity(base);
    op.gathers = logDet != null;
    return op.gathers ? op.record(y, z, logDet) : op.record(y, z);
  }

  @Override
  protected void backward(Flow g) {
    if (gathers) {
      g.add(1, g.gradient());
    }
    if (!g.wants(0)) {
      return;
    }
    Var z = g.input(0);
    long units = Batch.units(z);
    FusedGradient.add(
        g,
        1,
        (dy, d) ->
            Coupling.baseLogDensityBackward(
                z.tape().device(), dy.count(), units, units, base.code, z.view(), dy, d[0]));
  }
}
