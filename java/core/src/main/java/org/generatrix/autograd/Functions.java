// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import org.generatrix.autograd.op.Affine;
import org.generatrix.autograd.op.BernoulliLogLikelihood;
import org.generatrix.autograd.op.CategoricalLogLikelihood;
import org.generatrix.autograd.op.DiscretisedLogisticMixture;
import org.generatrix.autograd.op.Draws;
import org.generatrix.autograd.op.GaussianKl;
import org.generatrix.autograd.op.GaussianLogDensity;
import org.generatrix.autograd.op.GaussianMixtureLogDensity;
import org.generatrix.autograd.op.Gru;
import org.generatrix.autograd.op.Lstm;
import org.generatrix.autograd.op.MatMul;
import org.generatrix.autograd.op.Mmd;
import org.generatrix.autograd.op.ParzenLogLikelihood;
import org.generatrix.autograd.op.Rnn;
import org.generatrix.autograd.op.Tanh;
import org.generatrix.autograd.op.Wasserstein1;
import org.generatrix.binding.Activation;
import org.generatrix.tensor.DType;

/**
 * The operations as functions, to be imported statically, so that a model reads like its paper.
 * Each is one line here and one class in {@code autograd.op}, which has its equation, its shapes
 * and its gradient.
 */
public final class Functions {
  private Functions() {}

  // --- elementwise ---

  public static Var tanh(Var x) {
    return Tanh.of(x);
  }

  // --- dense ---

  /** A B, also for each of several matrices. */
  public static Var matmul(Var a, Var b) {
    return MatMul.of(a, b);
  }

  /** op(A) op(B), op(X) = X or its transpose. */
  public static Var matmul(Var a, Var b, boolean transposeA, boolean transposeB) {
    return MatMul.of(a, b, transposeA, transposeB);
  }

  /** x W' + b with W [out, in]; b may be null. */
  public static Var linear(Var x, Var weight, Var b) {
    return Affine.of(x, weight, b, Activation.NONE, 0);
  }

  /** f(x W' + b) in one pass. */
  public static Var linear(Var x, Var weight, Var b, Activation f) {
    return Affine.of(x, weight, b, f, 0);
  }

  /** f(x W' + b; p) in one pass, for the activations that have a parameter. */
  public static Var linear(Var x, Var weight, Var b, Activation f, double p) {
    return Affine.of(x, weight, b, f, p);
  }

  // --- loss: log-likelihoods [rows] in nats, and distances of samples ---

  public static Var bernoulliLogLikelihood(Var logits, Var x) {
    return BernoulliLogLikelihood.of(logits, x);
  }

  public static Var categoricalLogLikelihood(Var logits, long... labels) {
    return CategoricalLogLikelihood.of(logits, labels);
  }

  public static Var categoricalLogLikelihood(Var logits, Var probabilities) {
    return CategoricalLogLikelihood.of(logits, probabilities);
  }

  public static Var gaussianLogDensity(Var x, Var mean, Var logvar) {
    return GaussianLogDensity.of(x, mean, logvar);
  }

  public static Var gaussianMixtureLogDensity(Var x, Var logits, Var mean, Var logSigma) {
    return GaussianMixtureLogDensity.of(x, logits, mean, logSigma);
  }

  public static Var discretisedLogisticMixture(Var x, Var parameters) {
    return DiscretisedLogisticMixture.of(x, parameters);
  }

  public static Var gaussianKl(Var mean, Var logvar) {
    return GaussianKl.of(mean, logvar);
  }

  public static Var gaussianKl(Var mean, Var logvar, Var pMean, Var pLogvar) {
    return GaussianKl.of(mean, logvar, pMean, pLogvar);
  }

  public static Var parzenLogLikelihood(Var x, Var samples, double sigma) {
    return ParzenLogLikelihood.of(x, samples, sigma);
  }

  public static Var mmd(Var x, Var y, boolean unbiased, double... bandwidths) {
    return Mmd.of(x, y, unbiased, bandwidths);
  }

  public static Var wasserstein1(Var x, Var y) {
    return Wasserstein1.of(x, y);
  }

  // --- random: draws of the tape, without gradient ---

  public static Var uniform(Tape tape, long... shape) {
    return Draws.uniform(tape, DType.FLOAT32, shape);
  }

  public static Var normal(Tape tape, long... shape) {
    return Draws.normal(tape, DType.FLOAT32, shape);
  }

  /** Normals of the shape and format of a value, on its tape. */
  public static Var normalLike(Var x) {
    return Draws.normal(x.tape(), x.dtype(), x.shape());
  }

  public static Var exponential(Tape tape, long... shape) {
    return Draws.exponential(tape, DType.FLOAT32, shape);
  }

  public static Var gumbel(Tape tape, long... shape) {
    return Draws.gumbel(tape, DType.FLOAT32, shape);
  }

  public static Var bernoulli(Var p) {
    return Draws.bernoulli(p);
  }

  public static Var gamma(Var shapes) {
    return Draws.gamma(shapes);
  }

  // --- recurrent ---

  /** States of all steps and the last, from the input's gates x [T, B, U]; b may be null. */
  public static Var[] rnn(Var x, Var h0, Var weight, Var b) {
    return Rnn.of(x, h0, weight, b);
  }

  /** States of all steps, the last and its cells, from x [T, B, 4 U]; b may be null. */
  public static Var[] lstm(Var x, Var h0, Var c0, Var weight, Var b) {
    return Lstm.of(x, h0, c0, weight, b);
  }

  /** States of all steps and the last, from x [T, B, 3 U]; b may be null. */
  public static Var[] gru(Var x, Var h0, Var weight, Var b) {
    return Gru.of(x, h0, weight, b);
  }
}
