// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Norm;
import org.generatrix.binding.View;
import org.generatrix.tensor.Tensor;

/**
 * "Virtual" batch norm for x [examples, channels, ..] whose first R examples are a reference batch:
 * these are normalised by their own mean and variance, and every other example by those of the
 * reference batch with that example added, so that no example depends on another (Salimans et al.
 * 2016, section 3.4). Gradients go through all statistics.
 */
public final class ReferenceBatchNorm extends AffineNorm {
  private final Norm.Reference params;

  private ReferenceBatchNorm(Norm.Reference params, Var x, Var gamma, Var beta) {
    super(x, gamma, beta, 2 * params.sets());
    this.params = params;
  }

  /**
   * @param references R, at least 1 and at most the examples
   * @param gamma null for 1
   * @param beta null for 0
   */
  public static Var of(Var x, long references, Var gamma, Var beta, double epsilon) {
    Norm.Images images = images(x, gamma, beta);
    if (references < 1 || references > images.examples()) {
      throw new IllegalArgumentException(
          "expected a reference batch of 1 to %d examples, got %d"
              .formatted(images.examples(), references));
    }
    Norm.Reference params = new Norm.Reference(references, images, epsilon);
    ReferenceBatchNorm op = new ReferenceBatchNorm(params, x, gamma, beta);
    Tensor y = x.tape().empty(x.dtype(), x.shape());
    Norm.reference(
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
    Norm.referenceBackward(
        tape.device(), params, x, gamma, statistics.view(), dy, dx, dgamma, dbeta);
  }
}
