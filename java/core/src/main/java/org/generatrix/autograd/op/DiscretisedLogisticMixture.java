// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.LogisticMixture;
import org.generatrix.binding.Loss;
import org.generatrix.tensor.Tensor;

/**
 * y[r] = sum over pixels of log sum_k pi_k prod_c P_kc(x_c), P(x) = S((x + h - m) / s) - S((x - h -
 * m) / s) with the outer levels' cells open: the discretised logistic mixture (Salimans, Karpathy,
 * Chen, Kingma, "PixelCNN++", ICLR 2017, sections 2.1 and 2.2).
 *
 * <p>x is [rows, C, ..] with C = 1 or 3 channels, level j of L at 2 j / (L - 1) - 1. The parameters
 * are [rows, P, ..] with the paper's P = 3 K for one channel, 10 K for three: K logits, then for
 * each channel K means, K log scales and, of three channels, K coefficients. The equations stand in
 * loss.h. x gets no gradient: it is discrete.
 */
public final class DiscretisedLogisticMixture extends Op {
  /** The scales of the paper's code are at least e^-7. */
  public static final double MIN_LOG_SCALE = -7;

  private final LogisticMixture mixture;

  private DiscretisedLogisticMixture(LogisticMixture mixture) {
    this.mixture = mixture;
  }

  /** Of bytes: 256 levels. */
  public static Var of(Var x, Var parameters) {
    return of(x, parameters, 256, MIN_LOG_SCALE);
  }

  /**
   * @param levels at least 2
   * @param minLogScale where log scales are cut, in [-30, 30]
   */
  public static Var of(Var x, Var parameters, long levels, double minLogScale) {
    long[] shape = x.shape();
    if (shape.length < 2 || (shape[1] != 1 && shape[1] != 3)) {
      throw Batch.shape("x", "[rows, 1 or 3, ..]", x);
    }
    long[] other = parameters.shape();
    boolean fits = other.length == shape.length && other[0] == shape[0];
    for (int i = 2; fits && i < shape.length; i++) {
      fits = other[i] == shape[i];
    }
    long perComponent = LogisticMixture.planes(shape[1], 1);
    if (!fits || other[1] == 0 || other[1] % perComponent != 0) {
      throw Batch.shape(
          "parameters",
          "[rows, " + perComponent + " K, ..] with the rows and pixels of x",
          parameters);
    }
    LogisticMixture mixture =
        new LogisticMixture(
            shape[0],
            shape[1],
            Batch.product(shape, 2),
            other[1] / perComponent,
            levels,
            minLogScale);
    Tensor y = x.tape().empty(x.dtype(), shape[0]);
    Loss.discretisedLogisticMixture(
        x.tape().device(), mixture, x.view(), parameters.view(), y.view());
    return new DiscretisedLogisticMixture(mixture).record(y, parameters, x.detach());
  }

  @Override
  protected void backward(Flow g) {
    Var parameters = g.input(0);
    FusedGradient.add(
        g,
        1,
        (dy, d) ->
            Loss.discretisedLogisticMixtureBackward(
                parameters.tape().device(),
                mixture,
                g.input(1).view(),
                parameters.view(),
                dy,
                d[0]));
  }
}
