// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Norm;
import org.generatrix.binding.View;
import org.generatrix.tensor.Tensor;

/**
 * y = f(gamma_c (x - mean_c) / sqrt(var_c + epsilon) + beta_c) for x [examples, channels, ..], f
 * the identity or relu (Ioffe and Szegedy 2015). In training, mean and variance are those of the
 * channel over the batch, and the gradient goes through them; in evaluation they are given.
 */
public final class BatchNorm extends AffineNorm {
  private final Norm.Batch params;
  private final Tensor mean; // given, or null in training
  private final Tensor var;

  private BatchNorm(
      Norm.Batch params, Var x, Var gamma, Var beta, long statistics, Tensor mean, Tensor var) {
    super(x, gamma, beta, statistics);
    this.params = params;
    this.mean = mean;
    this.var = var;
  }

  /**
   * By the statistics of the batch, which also move the running ones: running += momentum (batch -
   * running), with the unbiased variance, as in PyTorch.
   *
   * @param gamma null for 1
   * @param beta null for 0
   * @param runningMean [channels], changed; null, like runningVar, to keep none
   */
  public static Var train(
      Var x,
      Var gamma,
      Var beta,
      Tensor runningMean,
      Tensor runningVar,
      double momentum,
      double epsilon,
      boolean relu) {
    Norm.Images images = images(x, gamma, beta);
    Norm.Batch params = new Norm.Batch(images, epsilon, momentum, relu);
    BatchNorm op = new BatchNorm(params, x, gamma, beta, 2 * images.channels(), null, null);
    Tensor y = x.tape().empty(x.dtype(), x.shape());
    Norm.batch(
        x.tape().device(),
        params,
        x.view(),
        view(gamma),
        view(beta),
        runningMean == null ? null : runningMean.view(),
        runningVar == null ? null : runningVar.view(),
        y.view(),
        op.statistics.view());
    return op.record(y);
  }

  /**
   * By given statistics, which are constants: an affine map of each element.
   *
   * @param mean [channels], like var
   */
  public static Var evaluate(
      Var x, Var gamma, Var beta, Tensor mean, Tensor var, double epsilon, boolean relu) {
    Norm.Images images = images(x, gamma, beta);
    requireVector("the running mean", mean, images.channels());
    requireVector("the running variance", var, images.channels());
    Norm.Batch params = new Norm.Batch(images, epsilon, 0, relu);
    Tensor y = x.tape().empty(x.dtype(), x.shape());
    Norm.batchEvaluate(
        x.tape().device(),
        params,
        x.view(),
        view(gamma),
        view(beta),
        mean.view(),
        var.view(),
        y.view());
    return new BatchNorm(params, x, gamma, beta, -1, mean, var).record(y);
  }

  @Override
  void gradients(
      Tape tape, View x, View gamma, View beta, View dy, View dx, View dgamma, View dbeta) {
    if (mean == null) {
      Norm.batchBackward(
          tape.device(), params, x, gamma, beta, statistics.view(), dy, dx, dgamma, dbeta);
    } else {
      Norm.batchEvaluateBackward(
          tape.device(), params, x, gamma, beta, mean.view(), var.view(), dy, dx, dgamma, dbeta);
    }
  }
}
