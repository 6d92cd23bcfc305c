// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Norm;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * y = sigma(style) (content - mu(content)) / sigma(content) + mu(style), for each example and
 * channel, sigma = sqrt(var + epsilon) (Huang and Belongie 2017, eq. 8). Content and style are
 * [examples, channels, ..] and may differ in what follows. Gradients go to both.
 */
public final class AdaptiveInstanceNorm extends Op {
  private final Norm.Adaptive params;
  private final Tensor statistics; // float64

  private AdaptiveInstanceNorm(Norm.Adaptive params, Tensor statistics) {
    this.params = params;
    this.statistics = statistics;
  }

  public static Var of(Var content, Var style, double epsilon) {
    Norm.Images of = AffineNorm.images("content", content);
    Norm.Images like = AffineNorm.images("style", style);
    if (of.examples() != like.examples() || of.channels() != like.channels()) {
      throw new IllegalArgumentException(
          "expected content and style of the same examples and channels, got %s and %s"
              .formatted(Arrays.toString(content.shape()), Arrays.toString(style.shape())));
    }
    Norm.Adaptive params = new Norm.Adaptive(of, like.spatial(), epsilon);
    Tensor statistics = content.tape().empty(DType.FLOAT64, 4, of.examples(), of.channels());
    Tensor y = content.tape().empty(content.dtype(), content.shape());
    Norm.adaptive(
        content.tape().device(), params, content.view(), style.view(), y.view(), statistics.view());
    return new AdaptiveInstanceNorm(params, statistics).record(y, content, style);
  }

  @Override
  protected void backward(Flow g) {
    FusedGradient.add(
        g,
        2,
        (dy, made) ->
            Norm.adaptiveBackward(
                g.gradient().tape().device(),
                params,
                g.input(0).view(),
                g.input(1).view(),
                statistics.view(),
                dy,
                made[0],
                made[1]));
  }
}
