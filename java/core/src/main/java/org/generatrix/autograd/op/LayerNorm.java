// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Norm;
import org.generatrix.binding.View;
import org.generatrix.tensor.Tensor;

/**
 * y = gamma_i (x_i - mean) / sqrt(var + epsilon) + beta_i, mean and variance over the trailing axes
 * (Ba, Kiros, Hinton 2016).
 */
public final class LayerNorm extends AffineNorm {
  private final long rows;
  private final long units;
  private final double epsilon;

  private LayerNorm(long rows, long units, double epsilon, Var x, Var gamma, Var beta) {
    super(x, gamma, beta, 2 * rows);
    this.rows = rows;
    this.units = units;
    this.epsilon = epsilon;
  }

  /**
   * @param axes how many trailing axes are normalised, at least 1
   * @param gamma of the shape of those axes, like beta; null for 1
   * @param beta null for 0
   */
  public static Var of(Var x, int axes, Var gamma, Var beta, double epsilon) {
    long[] shape = x.shape();
    if (axes < 1 || axes > shape.length) {
      throw new IllegalArgumentException(
          "expected 1 to %d trailing axes of %s, got %d"
              .formatted(shape.length, Arrays.toString(shape), axes));
    }
    long[] trailing = Arrays.copyOfRange(shape, shape.length - axes, shape.length);
    require("gamma", gamma, trailing);
    require("beta", beta, trailing);
    long units = Arrays.stream(trailing).reduce(1, (a, b) -> a * b);
    if (units == 0) {
      throw new IllegalArgumentException(
          "expected trailing axes with elements, got " + Arrays.toString(trailing));
    }
    LayerNorm op = new LayerNorm(x.size() / units, units, epsilon, x, gamma, beta);
    Tensor y = x.tape().empty(x.dtype(), shape);
    Norm.layer(
        x.tape().device(),
        op.rows,
        units,
        epsilon,
        x.view(),
        view(gamma),
        view(beta),
        y.view(),
        op.statistics.view());
    return op.record(y);
  }

  private static void require(String name, Var v, long... shape) {
    if (v != null && !Arrays.equals(v.shape(), shape)) {
      throw new IllegalArgumentException(
          "expected %s %s, got %s"
              .formatted(name, Arrays.toString(shape), Arrays.toString(v.shape())));
    }
  }

  @Override
  void gradients(
      Tape tape, View x, View gamma, View beta, View dy, View dx, View dgamma, View dbeta) {
    Norm.layerBackward(
        tape.device(), rows, units, x, gamma, statistics.view(), dy, dx, dgamma, dbeta);
  }

  @Override
  protected void backward(Flow g) {
    if (g.isRecording()) {
      composed(g, g.gradient());
    } else {
      super.backward(g);
    }
  }

  // The same of differentiable operations, on rows.
  private void composed(Flow g, Var dy) {
    long[] shape = dy.shape();
    Var x = g.input(0).reshape(rows, units);
    Var gamma = gamma(g);
    Var slope = dy.reshape(rows, units);
    Var centred = x.sub(Mean.keeping(x, 1));
    Var deviation = Sqrt.of(Mean.keeping(centred.mul(centred), 1).add(epsilon)); // [rows, 1]
    Var standard = centred.div(deviation);
    if (g.wants(0)) {
      Var s = gamma == null ? slope : slope.mul(gamma.reshape(units));
      Var across = Mean.keeping(s, 1).add(standard.mul(Mean.keeping(s.mul(standard), 1)));
      g.add(0, s.sub(across).div(deviation).reshape(shape));
    }
    addToFactors(
        g,
        (of) -> slope.mul(standard).sum(0).reshape(of.shape()),
        (of) -> slope.sum(0).reshape(of.shape()));
  }
}
