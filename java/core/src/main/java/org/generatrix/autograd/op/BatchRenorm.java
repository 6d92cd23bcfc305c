// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Norm;
import org.generatrix.binding.View;
import org.generatrix.tensor.Tensor;

/**
 * y = gamma_c (x^ r + d) + beta_c with x^ by the batch's mean and deviation s, r = clip(s / S, 1 /
 * r_max, r_max) and d = clip((mean - M) / S, -d_max, d_max), M and S the running mean and deviation
 * (Ioffe 2017). r and d are constants in the gradient. For x [examples, channels, ..], in training;
 * its evaluation is {@link BatchNorm#evaluate}.
 */
public final class BatchRenorm extends AffineNorm {
  private final Norm.Renorm params;

  private BatchRenorm(Norm.Renorm params, Var x, Var gamma, Var beta) {
    super(x, gamma, beta, 4 * params.images().channels());
    this.params = params;
  }

  /**
   * @param gamma null for 1
   * @param beta null for 0
   * @param runningMean [channels], changed after use, like runningVar: += momentum (batch -
   *     running), with the variance as it is
   * @param rMax at least 1
   * @param dMax at least 0
   */
  public static Var of(
      Var x,
      Var gamma,
      Var beta,
      Tensor runningMean,
      Tensor runningVar,
      double momentum,
      double rMax,
      double dMax,
      double epsilon) {
    Norm.Images images = images(x, gamma, beta);
    requireVector("the running mean", runningMean, images.channels());
    requireVector("the running variance", runningVar, images.channels());
    Norm.Renorm params = new Norm.Renorm(images, epsilon, momentum, rMax, dMax);
    BatchRenorm op = new BatchRenorm(params, x, gamma, beta);
    Tensor y = x.tape().empty(x.dtype(), x.shape());
    Norm.renorm(
        x.tape().device(),
        params,
        x.view(),
        view(gamma),
        view(beta),
        runningMean.view(),
        runningVar.view(),
        y.view(),
        op.statistics.view());
    return op.record(y);
  }

  @Override
  void gradients(
      Tape tape, View x, View gamma, View beta, View dy, View dx, View dgamma, View dbeta) {
    Norm.renormBackward(tape.device(), params, x, gamma, statistics.view(), dy, dx, dgamma, dbeta);
  }
}
