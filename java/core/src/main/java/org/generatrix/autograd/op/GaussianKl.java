// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Loss;
import org.generatrix.tensor.Tensor;

/**
 * y[r] = KL(q || p) of diagonal Gaussians, in nats: sum_i (w - v - 1 + (e^v + (m - n)^2) e^-w) / 2
 * with q = N(m, e^v) and p = N(n, e^w), or N(0, I) if no p is given. All are [rows, ..] of one
 * shape. dm = -dn = dy (m - n) e^-w, dv = dy (e^(v - w) - 1) / 2, dw = dy (1 - (e^v + (m - n)^2)
 * e^-w) / 2.
 */
public final class GaussianKl extends Op {
  private final boolean standard;

  private GaussianKl(boolean standard) {
    this.standard = standard;
  }

  /** To N(0, I). */
  public static Var of(Var mean, Var logvar) {
    Tensor y = forward(mean, logvar, null, null);
    return new GaussianKl(true).record(y, mean, logvar);
  }

  /** To N(pMean, e^pLogvar). */
  public static Var of(Var mean, Var logvar, Var pMean, Var pLogvar) {
    Batch.sameShape("the mean", mean, "pMean", pMean);
    Batch.sameShape("the mean", mean, "pLogvar", pLogvar);
    Tensor y = forward(mean, logvar, pMean, pLogvar);
    return new GaussianKl(false).record(y, mean, logvar, pMean, pLogvar);
  }

  private static Tensor forward(Var mean, Var logvar, Var pMean, Var pLogvar) {
    long rows = Batch.rows("mean", mean);
    Batch.sameShape("the mean", mean, "logvar", logvar);
    Tensor y = mean.tape().empty(mean.dtype(), rows);
    Loss.gaussianKl(
        mean.tape().device(),
        rows,
        Batch.units(mean),
        mean.view(),
        logvar.view(),
        pMean == null ? null : pMean.view(),
        pLogvar == null ? null : pLogvar.view(),
        y.view());
    return y;
  }

  @Override
  protected void backward(Flow g) {
    Var mean = g.input(0);
    FusedGradient.add(
        g,
        standard ? 2 : 4,
        (dy, d) ->
            Loss.gaussianKlBackward(
                mean.tape().device(),
                mean.shape()[0],
                Batch.units(mean),
                mean.view(),
                g.input(1).view(),
                standard ? null : g.input(2).view(),
                standard ? null : g.input(3).view(),
                dy,
                d[0],
                d[1],
                standard ? null : d[2],
                standard ? null : d[3]));
  }
}
