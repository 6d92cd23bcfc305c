// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Loss;
import org.generatrix.tensor.Tensor;

/**
 * The squared maximum mean discrepancy of samples x [rows, ..] and y [n, ..] under k(a, b) = sum_w
 * exp(-|a - b|^2 / 2 w^2) (Gretton et al., "A kernel two-sample test", JMLR 13, 2012, lemma 6), one
 * number. Biased (V statistic), it is never negative and exactly 0 where y is x; unbiased (U), its
 * mean is the true one.
 */
public final class Mmd extends Op {
  private final double[] bandwidths;
  private final boolean unbiased;

  private Mmd(double[] bandwidths, boolean unbiased) {
    this.bandwidths = bandwidths;
    this.unbiased = unbiased;
  }

  /**
   * @param bandwidths w of each kernel, at least one, each positive
   */
  public static Var of(Var x, Var y, boolean unbiased, double... bandwidths) {
    long rows = Batch.rows("x", x);
    long n = Batch.rows("y", y);
    if (Batch.units(x) != Batch.units(y)) {
      throw Batch.shape("y", "[n, " + Batch.units(x) + "]", y);
    }
    double[] own = bandwidths.clone();
    Tensor out = x.tape().empty(x.dtype());
    Loss.mmd(
        x.tape().device(), own, unbiased, rows, n, Batch.units(x), x.view(), y.view(), out.view());
    return new Mmd(own, unbiased).record(out, x, y);
  }

  @Override
  protected void backward(Flow g) {
    Var x = g.input(0);
    Var y = g.input(1);
    FusedGradient.add(
        g,
        2,
        (dout, d) ->
            Loss.mmdBackward(
                x.tape().device(),
                bandwidths,
                unbiased,
                x.shape()[0],
                y.shape()[0],
                Batch.units(x),
                x.view(),
                y.view(),
                dout,
                d[0],
                d[1]));
  }
}
