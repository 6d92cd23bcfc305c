// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.estimator;

import java.util.Arrays;
import org.generatrix.autograd.Var;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * The score-function estimator (Williams, "Simple statistical gradient-following algorithms",
 * 1992): grad E[f(y)] = E[(f(y) - b) grad log p(y)] for draws y of a model, f any function of them
 * and b anything that does not depend on y. It needs no slope of f.
 *
 * <p>{@link #surrogate} makes a number whose gradient is the estimate, to be added to what else is
 * minimised. Baselines: none; the running mean of f; a learned function of the input, given as a
 * prediction for each example and trained by {@link #baselineLoss}; both, as in NVIL; or per
 * parameter, see {@link OptimalBaseline}. The signal can be divided by max(1, its running standard
 * deviation), as in NVIL (Mnih and Gregor, "Neural variational inference and learning in belief
 * networks", ICML 2014, section 2.3 and appendix A). What runs is updated after it was used: a
 * batch never sees a baseline of its own numbers, so the estimate is unbiased up to the scale.
 *
 * <p>An estimator is the state of one training, used by one thread; {@link #state} and {@link
 * #restore} carry it through a checkpoint.
 */
public final class Reinforce {
  private final boolean centred;
  private final boolean normalised;
  private final double decay;
  private State state = new State(0, 0, 0);

  /**
   * What was seen so far.
   *
   * @param mean running mean of f, less the prediction where there is one
   * @param variance running mean of the squared distance of f from its baseline
   * @param batches how many
   */
  public record State(double mean, double variance, long batches) {}

  private Reinforce(boolean centred, boolean normalised, double decay) {
    if (!(decay >= 0 && decay < 1)) {
      throw new IllegalArgumentException("expected a decay in [0, 1), got " + decay);
    }
    this.centred = centred;
    this.normalised = normalised;
    this.decay = decay;
  }

  /** No running baseline. */
  public static Reinforce plain() {
    return new Reinforce(false, false, 0);
  }

  /**
   * The baseline is the running mean of f.
   *
   * @param decay of the mean per batch; NVIL has 0.8
   */
  public static Reinforce withRunningMean(double decay) {
    return new Reinforce(true, false, decay);
  }

  /** The same, the signal divided by max(1, its running standard deviation). */
  public static Reinforce withNormalisedSignal(double decay) {
    return new Reinforce(true, true, decay);
  }

  public State state() {
    return state;
  }

  public void restore(State saved) {
    state = saved;
  }

  /**
   * mean over r of (f_r - b) / scale * log p(y_r), f, b and scale constant: its gradient is the
   * estimate, its value means nothing.
   *
   * @param logP [rows], the log-probability of each draw; the draws carry no gradient
   * @param f [rows], finite
   */
  public Var surrogate(Var logP, double... f) {
    return surrogate(logP, f, new double[f.length]);
  }

  /**
   * As the other, with a learned baseline beside the running one.
   *
   * @param prediction [rows], what a function of the inputs expects of f; no gradient flows to it
   *     from here
   */
  public Var surrogate(Var logP, Var prediction, double... f) {
    check("the prediction", prediction, f);
    return surrogate(logP, f, prediction.value().toDoubleArray());
  }

  private Var surrogate(Var logP, double[] f, double[] prediction) {
    check("the log-probabilities", logP, f);
    double scale = normalised ? Math.max(1, Math.sqrt(state.variance)) : 1;
    double[] signal = new double[f.length];
    for (int r = 0; r < f.length; r++) {
      if (!Double.isFinite(f[r])) {
        throw new IllegalArgumentException(
            "expected finite values of f, got " + f[r] + " in row " + r);
      }
      signal[r] = (f[r] - prediction[r] - (centred ? state.mean : 0)) / scale;
    }
    observe(f, prediction);
    return logP.mul(constant(logP, signal)).mean();
  }

  /** mean over r of (f_r - c - prediction_r)^2, c the running mean: what trains the prediction. */
  public Var baselineLoss(Var prediction, double... f) {
    check("the prediction", prediction, f);
    double[] rest = f.clone();
    for (int r = 0; r < f.length; r++) {
      rest[r] -= centred ? state.mean : 0;
    }
    Var error = constant(prediction, rest).sub(prediction);
    return error.mul(error).mean();
  }

  private void observe(double[] f, double[] prediction) {
    double mean = 0;
    double square = 0;
    for (int r = 0; r < f.length; r++) {
      mean += (f[r] - prediction[r]) / f.length;
    }
    double centre = state.batches == 0 ? mean : state.mean;
    for (int r = 0; r < f.length; r++) {
      double d = f[r] - prediction[r] - centre;
      square += d * d / f.length;
    }
    double old = state.batches == 0 ? 0 : decay;
    state =
        new State(
            old * state.mean + (1 - old) * mean,
            old * state.variance + (1 - old) * square,
            state.batches + 1);
  }

  private static void check(String name, Var x, double... f) {
    if (x.shape().length != 1 || x.size() != f.length || f.length == 0) {
      throw new IllegalArgumentException(
          "expected %s with shape [%d], one for each of at least one value of f, got %s"
              .formatted(name, f.length, Arrays.toString(x.shape())));
    }
  }

  static Var constant(Var like, double... values) {
    Tensor tensor = like.tape().empty(like.dtype(), values.length);
    copy(values, tensor);
    return like.tape().constant(tensor);
  }

  static void copy(double[] values, Tensor to) {
    if (to.dtype() == DType.FLOAT64) {
      to.copyFrom(values);
      return;
    }
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    to.copyFrom(floats);
  }
}
