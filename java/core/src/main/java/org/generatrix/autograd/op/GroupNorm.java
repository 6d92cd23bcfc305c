// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Norm;
import org.generatrix.binding.View;
import org.generatrix.tensor.Tensor;

/**
 * y = f(gamma_c (x - mean) / sqrt(var + epsilon) + beta_c) for x [examples, channels, ..], mean and
 * variance over channels / groups neighbouring channels of one example, f the identity or relu (Wu
 * and He 2018). As many groups as channels make it instance norm (Ulyanov, Vedaldi, Lempitsky
 * 2016).
 */
public final class GroupNorm extends AffineNorm {
  private final Norm.Group params;

  private GroupNorm(Norm.Group params, Var x, Var gamma, Var beta) {
    super(x, gamma, beta, 2 * params.images().examples() * params.groups());
    this.params = params;
  }

  /** Instance norm: each channel of each example by itself. */
  public static Var instance(Var x, Var gamma, Var beta, double epsilon, boolean relu) {
    return of(x, images(x, gamma, beta).channels(), gamma, beta, epsilon, relu);
  }

  /**
   * @param groups divides the channels
   * @param gamma null for 1
   * @param beta null for 0
   */
  public static Var of(Var x, long groups, Var gamma, Var beta, double epsilon, boolean relu) {
    Norm.Images images = images(x, gamma, beta);
    if (groups < 1 || images.channels() % groups != 0) {
      throw new IllegalArgumentException(
          "expected a number of groups that divides %d channels, got %d"
              .formatted(images.channels(), groups));
    }
    Norm.Group params = new Norm.Group(images, groups, epsilon, relu);
    GroupNorm op = new GroupNorm(params, x, gamma, beta);
    Tensor y = x.tape().empty(x.dtype(), x.shape());
    Norm.group(
        x.tape().device(),
        params,
        x.view(),
        view(gamma),
        view(beta),
        y.view(),
        op.statistics.view());
    return op.record(y);
  }

  @Override
  void gradients(
      Tape tape, View x, View gamma, View beta, View dy, View dx, View dgamma, View dbeta) {
    Norm.groupBackward(
        tape.device(), params, x, gamma, beta, statistics.view(), dy, dx, dgamma, dbeta);
  }
}
