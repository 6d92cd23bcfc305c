// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import org.generatrix.autograd.op.Abs;
import org.generatrix.autograd.op.AdaptiveInstanceNorm;
import org.generatrix.autograd.op.Affine;
import org.generatrix.autograd.op.ArgMax;
import org.generatrix.autograd.op.AtLeast;
import org.generatrix.autograd.op.AtMost;
import org.generatrix.autograd.op.BatchNorm;
import org.generatrix.autograd.op.BatchRenorm;
import org.generatrix.autograd.op.BernoulliLogLikelihood;
import org.generatrix.autograd.op.Broadcast;
import org.generatrix.autograd.op.CategoricalLogLikelihood;
import org.generatrix.autograd.op.ClampStraight;
import org.generatrix.autograd.op.Concat;
import org.generatrix.autograd.op.DiscretisedLogisticMixture;
import org.generatrix.autograd.op.Dot;
import org.generatrix.autograd.op.Draws;
import org.generatrix.autograd.op.Dropout;
import org.generatrix.autograd.op.Elu;
import org.generatrix.autograd.op.Exp;
import org.generatrix.autograd.op.Expm1;
import org.generatrix.autograd.op.GatedUnit;
import org.generatrix.autograd.op.Gather;
import org.generatrix.autograd.op.GaussianKl;
import org.generatrix.autograd.op.GaussianLogDensity;
import org.generatrix.autograd.op.GaussianMixtureLogDensity;
import org.generatrix.autograd.op.Gelu;
import org.generatrix.autograd.op.GeluTanh;
import org.generatrix.autograd.op.GroupNorm;
import org.generatrix.autograd.op.Gru;
import org.generatrix.autograd.op.LayerNorm;
import org.generatrix.autograd.op.LeakyRelu;
import org.generatrix.autograd.op.Log;
import org.generatrix.autograd.op.Log1p;
import org.generatrix.autograd.op.LogSigmoid;
import org.generatrix.autograd.op.LogSoftmax;
import org.generatrix.autograd.op.LogSumExp;
import org.generatrix.autograd.op.Lstm;
import org.generatrix.autograd.op.MatMul;
import org.generatrix.autograd.op.Max;
import org.generatrix.autograd.op.Maximum;
import org.generatrix.autograd.op.Maxout;
import org.generatrix.autograd.op.Mean;
import org.generatrix.autograd.op.Min;
import org.generatrix.autograd.op.Minimum;
import org.generatrix.autograd.op.Mmd;
import org.generatrix.autograd.op.Norm;
import org.generatrix.autograd.op.ParzenLogLikelihood;
import org.generatrix.autograd.op.Permute;
import org.generatrix.autograd.op.Pow;
import org.generatrix.autograd.op.Prelu;
import org.generatrix.autograd.op.Reciprocal;
import org.generatrix.autograd.op.ReferenceBatchNorm;
import org.generatrix.autograd.op.Relu;
import org.generatrix.autograd.op.Reshape;
import org.generatrix.autograd.op.Rnn;
import org.generatrix.autograd.op.Rrelu;
import org.generatrix.autograd.op.Selu;
import org.generatrix.autograd.op.Sigmoid;
import org.generatrix.autograd.op.Silu;
import org.generatrix.autograd.op.Slice;
import org.generatrix.autograd.op.Softmax;
import org.generatrix.autograd.op.Softplus;
import org.generatrix.autograd.op.Softsign;
import org.generatrix.autograd.op.Split;
import org.generatrix.autograd.op.Sqrt;
import org.generatrix.autograd.op.Square;
import org.generatrix.autograd.op.Sum;
import org.generatrix.autograd.op.SumOfSizes;
import org.generatrix.autograd.op.SumOfSquares;
import org.generatrix.autograd.op.Tanh;
import org.generatrix.autograd.op.Wasserstein1;
import org.generatrix.autograd.op.WeightNorm;
import org.generatrix.autograd.op.Where;
import org.generatrix.binding.Activation;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

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

  public static Var exp(Var x) {
    return Exp.of(x);
  }

  public static Var log(Var x) {
    return Log.of(x);
  }

  public static Var log1p(Var x) {
    return Log1p.of(x);
  }

  public static Var expm1(Var x) {
    return Expm1.of(x);
  }

  public static Var sqrt(Var x) {
    return Sqrt.of(x);
  }

  public static Var square(Var x) {
    return Square.of(x);
  }

  public static Var reciprocal(Var x) {
    return Reciprocal.of(x);
  }

  public static Var abs(Var x) {
    return Abs.of(x);
  }

  public static Var sigmoid(Var x) {
    return Sigmoid.of(x);
  }

  public static Var logSigmoid(Var x) {
    return LogSigmoid.of(x);
  }

  public static Var softplus(Var x) {
    return Softplus.of(x);
  }

  public static Var softsign(Var x) {
    return Softsign.of(x);
  }

  public static Var relu(Var x) {
    return Relu.of(x);
  }

  public static Var selu(Var x) {
    return Selu.of(x);
  }

  public static Var gelu(Var x) {
    return Gelu.of(x);
  }

  public static Var geluTanh(Var x) {
    return GeluTanh.of(x);
  }

  public static Var silu(Var x) {
    return Silu.of(x);
  }

  public static Var leakyRelu(Var x, double slope) {
    return LeakyRelu.of(x, slope);
  }

  /** max(x, -1). */
  public static Var shiftedRelu(Var x) {
    return AtLeast.of(x, -1);
  }

  public static Var elu(Var x, double alpha) {
    return Elu.of(x, alpha);
  }

  /** min(max(x, least), most); no gradient outside. */
  public static Var clamp(Var x, double least, double most) {
    return AtMost.of(AtLeast.of(x, least), most);
  }

  /** As {@link #clamp}, with the gradient of the identity. */
  public static Var clampStraight(Var x, double least, double most) {
    return ClampStraight.of(x, least, most);
  }

  public static Var maximum(Var a, Var b) {
    return Maximum.of(a, b);
  }

  public static Var minimum(Var a, Var b) {
    return Minimum.of(a, b);
  }

  public static Var pow(Var a, Var b) {
    return Pow.of(a, b);
  }

  public static Var pow(Var a, double b) {
    return Pow.of(a, b);
  }

  /** tanh(a) sigmoid(b). */
  public static Var gatedUnit(Var a, Var b) {
    return GatedUnit.of(a, b);
  }

  /** The gated unit of the two halves of x's channels. */
  public static Var gatedUnit(Var x) {
    return GatedUnit.ofHalves(x);
  }

  public static Var prelu(Var x, Var slope) {
    return Prelu.of(x, slope);
  }

  public static Var rrelu(Var x, double lower, double upper) {
    return Rrelu.of(x, lower, upper);
  }

  public static Var dropout(Var x, double rate) {
    return Dropout.of(x, rate);
  }

  public static Var maxout(Var x, int axis, long pieces) {
    return Maxout.of(x, axis, pieces);
  }

  /** a where the mask is not 0, else b. */
  public static Var where(Var mask, Var a, Var b) {
    return Where.of(mask, a, b);
  }

  // --- reduce: over the given axes, which go; over none given, all of them ---

  public static Var sum(Var x, int... axes) {
    return Sum.of(x, axes);
  }

  /** x summed to a shape that can be repeated to x's. */
  public static Var sumTo(Var x, long... shape) {
    return Sum.to(x, shape);
  }

  public static Var mean(Var x, int... axes) {
    return Mean.of(x, axes);
  }

  public static Var max(Var x, int... axes) {
    return Max.of(x, axes);
  }

  public static Var min(Var x, int... axes) {
    return Min.of(x, axes);
  }

  /** The index of the greatest along an axis, which goes; a constant. */
  public static Var argMax(Var x, int axis) {
    return ArgMax.of(x, axis);
  }

  public static Var sumOfSquares(Var x, int... axes) {
    return SumOfSquares.of(x, axes);
  }

  public static Var sumOfSizes(Var x, int... axes) {
    return SumOfSizes.of(x, axes);
  }

  public static Var norm(Var x, int... axes) {
    return Norm.of(x, axes);
  }

  /** The sum of a b over axes, in one pass. */
  public static Var dot(Var a, Var b, int... axes) {
    return Dot.of(a, b, axes);
  }

  // --- softmax ---

  public static Var softmax(Var x, int axis) {
    return Softmax.of(x, axis);
  }

  public static Var logSoftmax(Var x, int axis) {
    return LogSoftmax.of(x, axis);
  }

  public static Var logSumExp(Var x, int axis) {
    return LogSumExp.of(x, axis);
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

  /** log N(x; 0, I) of each row. */
  public static Var standardNormalLogDensity(Var x) {
    Var zero = x.tape().constant(x.tape().own(Tensor.zeros(x.tape().device(), x.dtype(), 1)));
    return gaussianLogDensity(x, zero, zero);
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

  // --- norm: gamma and beta may be null ---

  /**
   * By the batch's statistics in training, which moves the running ones, and by the running ones in
   * evaluation.
   */
  public static Var batchNorm(
      Var x,
      Var gamma,
      Var beta,
      Tensor runningMean,
      Tensor runningVar,
      double momentum,
      double epsilon,
      boolean relu) {
    return x.tape().isTraining()
        ? BatchNorm.train(x, gamma, beta, runningMean, runningVar, momentum, epsilon, relu)
        : BatchNorm.evaluate(x, gamma, beta, runningMean, runningVar, epsilon, relu);
  }

  /** Batch norm tied to the running statistics by r and d; in evaluation by these alone. */
  public static Var batchRenorm(
      Var x,
      Var gamma,
      Var beta,
      Tensor runningMean,
      Tensor runningVar,
      double momentum,
      double rMax,
      double dMax,
      double epsilon) {
    return x.tape().isTraining()
        ? BatchRenorm.of(x, gamma, beta, runningMean, runningVar, momentum, rMax, dMax, epsilon)
        : BatchNorm.evaluate(x, gamma, beta, runningMean, runningVar, epsilon, false);
  }

  /** "Virtual" batch norm; the first examples of x are the reference batch. */
  public static Var referenceBatchNorm(
      Var x, long references, Var gamma, Var beta, double epsilon) {
    return ReferenceBatchNorm.of(x, references, gamma, beta, epsilon);
  }

  /** Over each channel of each example. */
  public static Var instanceNorm(Var x, Var gamma, Var beta, double epsilon) {
    return GroupNorm.instance(x, gamma, beta, epsilon, false);
  }

  /** Over groups of channels of each example. */
  public static Var groupNorm(Var x, long groups, Var gamma, Var beta, double epsilon) {
    return GroupNorm.of(x, groups, gamma, beta, epsilon, false);
  }

  /** The content with the mean and deviation of the style. */
  public static Var adaptiveInstanceNorm(Var content, Var style, double epsilon) {
    return AdaptiveInstanceNorm.of(content, style, epsilon);
  }

  /** Over the last axes. */
  public static Var layerNorm(Var x, int axes, Var gamma, Var beta, double epsilon) {
    return LayerNorm.of(x, axes, gamma, beta, epsilon);
  }

  /** g v / |v| for each output. */
  public static Var weightNorm(Var v, Var g) {
    return WeightNorm.of(v, g);
  }

  // --- shape ---

  /** The same elements under another shape; one size may be -1. A view. */
  public static Var reshape(Var x, long... shape) {
    return Reshape.of(x, shape);
  }

  /** Axis d of the result is axis axes[d] of x. */
  public static Var permute(Var x, int... axes) {
    return Permute.of(x, axes);
  }

  /** With two axes exchanged; -1 is the last one. */
  public static Var transpose(Var x, int axis, int other) {
    return Permute.swapped(x, axis, other);
  }

  /** From start to before stop along the first axes; negative numbers count from the end. */
  public static Var slice(Var x, long[] start, long[] stop) {
    return Slice.of(x, start, stop, null);
  }

  /** Indices [start, start + length) along an axis. */
  public static Var narrow(Var x, int axis, long start, long length) {
    return Slice.narrow(x, axis, start, length);
  }

  /** One after the other along an axis. */
  public static Var concat(int axis, Var... parts) {
    return Concat.of(axis, parts);
  }

  /** Along a new axis. */
  public static Var stack(int axis, Var... parts) {
    return Concat.stacked(axis, parts);
  }

  /** Parts of the given lengths along an axis. */
  public static Var[] split(Var x, int axis, long... lengths) {
    return Split.of(x, axis, lengths);
  }

  /** Index k along an axis of the result is index index[k] of x. */
  public static Var gather(Var x, int axis, long... index) {
    return Gather.of(x, axis, index);
  }

  /** Repeated to a larger shape by NumPy's rule. */
  public static Var broadcastTo(Var x, long... shape) {
    return Broadcast.of(x, shape);
  }

  /** Each row of x [n, d] k times, one after the other: [n k, d]. */
  public static Var repeatRows(Var x, int k) {
    long[] shape = x.shape();
    return broadcastTo(x.reshape(shape[0], 1, shape[1]), shape[0], k, shape[1])
        .reshape(shape[0] * k, shape[1]);
  }
}
