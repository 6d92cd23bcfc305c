// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Norm;
import org.generatrix.binding.View;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * What normalisations y = gamma x^ + beta share: x, gamma and beta, of which the latter two may be
 * null, and the statistics that the gradient needs again.
 */
abstract class AffineNorm extends Op {
  private final int gammaAt; // among the inputs, -1 = none
  private final int betaAt;
  private final int inputs;
  private final Var[] operands;
  final Tensor statistics; // float64, or null

  /**
   * @param statistics how many, -1 for none
   */
  AffineNorm(Var x, Var gamma, Var beta, long statistics) {
    gammaAt = gamma == null ? -1 : 1;
    betaAt = beta == null ? -1 : gamma == null ? 1 : 2;
    inputs = 1 + (gamma == null ? 0 : 1) + (beta == null ? 0 : 1);
    operands = new Var[inputs];
    operands[0] = x;
    if (gamma != null) {
      operands[gammaAt] = gamma;
    }
    if (beta != null) {
      operands[betaAt] = beta;
    }
    this.statistics = statistics < 0 ? null : x.tape().empty(DType.FLOAT64, statistics);
  }

  final Var record(Tensor y) {
    return record(y, operands);
  }

  static View view(Var v) {
    return v == null ? null : v.view();
  }

  /** dgamma and dbeta are null where they are not wanted, like dx. */
  abstract void gradients(
      Tape tape, View x, View gamma, View beta, View dy, View dx, View dgamma, View dbeta);

  @Override
  protected void backward(Flow g) {
    FusedGradient.add(
        g,
        inputs,
        (dy, made) ->
            gradients(
                g.gradient().tape(),
                g.input(0).view(),
                gammaAt < 0 ? null : g.input(gammaAt).view(),
                betaAt < 0 ? null : g.input(betaAt).view(),
                dy,
                made[0],
                gammaAt < 0 ? null : made[gammaAt],
                betaAt < 0 ? null : made[betaAt]));
  }

  /** gamma, or null. */
  final Var gamma(Flow g) {
    return gammaAt < 0 ? null : g.input(gammaAt);
  }

  /** Adds to the gradients of gamma and beta, where they are wanted. */
  final void addToFactors(Flow g, UnaryOperator<Var> dgamma, UnaryOperator<Var> dbeta) {
    if (gammaAt >= 0 && g.wants(gammaAt)) {
      g.add(gammaAt, dgamma.apply(g.input(gammaAt)));
    }
    if (betaAt >= 0 && g.wants(betaAt)) {
      g.add(betaAt, dbeta.apply(g.input(betaAt)));
    }
  }

  /** [examples, channels, ..], with gamma and beta [channels]. */
  static Norm.Images images(Var x, Var gamma, Var beta) {
    Norm.Images images = images("x", x);
    requireVector("gamma", gamma, images.channels());
    requireVector("beta", beta, images.channels());
    return images;
  }

  static Norm.Images images(String name, Var x) {
    long[] shape = x.shape();
    if (shape.length < 2) {
      throw new IllegalArgumentException(
          "expected %s [examples, channels, ..], got %s".formatted(name, Arrays.toString(shape)));
    }
    long spatial = 1;
    for (int i = 2; i < shape.length; i++) {
      spatial *= shape[i];
    }
    return new Norm.Images(shape[0], shape[1], spatial);
  }

  static void requireVector(String name, Var v, long size) {
    if (v != null && (v.shape().length != 1 || v.size() != size)) {
      throw new IllegalArgumentException(
          "expected %s [%d], got %s".formatted(name, size, Arrays.toString(v.shape())));
    }
  }

  static void requireVector(String name, Tensor t, long size) {
    if (t.shape().length != 1 || t.size() != size) {
      throw new IllegalArgumentException(
          "expected %s [%d], got %s".formatted(name, size, Arrays.toString(t.shape())));
    }
  }
}
