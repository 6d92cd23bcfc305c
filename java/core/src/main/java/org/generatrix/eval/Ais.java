// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval;

import java.util.Objects;
import org.generatrix.binding.Device;
import org.generatrix.binding.Gibbs;
import org.generatrix.binding.Rng;
import org.generatrix.model.LogOdds;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.tensor.Tensor;

/**
 * Annealed importance sampling of an {@link Rbm}'s log Z (Neal, "Annealed importance sampling",
 * Statistics and Computing 2001; Salakhutdinov and Murray, "On the quantitative analysis of deep
 * belief networks", ICML 2008), from both sides.
 *
 * <p>Forward, chains start from a machine of independent units, whose log Z is known, and anneal to
 * the machine; with weights w, E[w] = Z / Z_base, so the mean of w over M chains is unbiased, and
 * its logarithm is low on average (Jensen): chains that miss a mode make Z look small and the data
 * likely. Reverse, chains start from samples of the machine and anneal to the base; E[1/w] is then
 * estimated, and log Z errs to the other side. True samples of the machine cannot be had. Chains
 * that start from data and run for a burn-in come close: they sit in the modes the data names,
 * which are those that forward chains may miss, so that the two estimates bracket log Z. When they
 * disagree, neither is to be trusted, and a likelihood from the forward one alone is too good.
 *
 * <p>The interval is the one of Salakhutdinov and Murray: with the mean m of the weights and its
 * standard error s, the logarithms of m - 1.96 s and m + 1.96 s. It tells of the spread among the
 * chains that were run, not of modes none of them found.
 */
public final class Ais {
  public static final String FORWARD = "forward";
  public static final String REVERSE = "reverse";

  private static final double Z95 = 1.959964; // of the normal distribution, two-sided

  private Ais() {}

  /** From a base machine with visible biases 0. */
  public static LogPartitionEstimate forward(Rbm rbm, AisConfig config) {
    return forward(rbm, config, null);
  }

  /**
   * From a base machine with the data's marginals, which lies nearer and gives tighter estimates.
   *
   * @param dataMean the training data's mean, [visible], each in [0, 1]; null for biases 0
   */
  public static LogPartitionEstimate forward(Rbm rbm, AisConfig config, float[] dataMean) {
    Objects.requireNonNull(config, "config");
    Device device = rbm.device();
    float[] base = baseBiases(rbm, dataMean);
    double[] logWeights = new double[config.chains()];
    try (Tensor a = Tensor.of(device, base, base.length);
        Tensor v = Tensor.bits(device, config.chains(), rbm.config().visible())) {
      Gibbs.ais(
          device,
          rbm.parameters(),
          config.betas(),
          a.buffer(),
          true,
          new Rng(config.seed(), 0),
          v.states(),
          logWeights);
    }
    Interval ratio = logMean(logWeights);
    double logBase = logBase(base, rbm.config().hidden());
    return new LogPartitionEstimate(
        logBase + ratio.mid(),
        logBase + ratio.low(),
        logBase + ratio.high(),
        config.chains(),
        config.betas().length,
        FORWARD);
  }

  /** To a base machine with visible biases 0. */
  public static LogPartitionEstimate reverse(Rbm rbm, Tensor start, AisConfig config) {
    return reverse(rbm, start, config, null);
  }

  /**
   * To a base machine with the data's marginals.
   *
   * @param start where the chains begin their burn-in, float or bits [n, visible] with n at least
   *     the configured chains: data. The first rows are used; not modified
   * @param dataMean as in {@link #forward(Rbm, AisConfig, float[])}
   */
  public static LogPartitionEstimate reverse(
      Rbm rbm, Tensor start, AisConfig config, float[] dataMean) {
    Objects.requireNonNull(config, "config");
    Objects.requireNonNull(start, "start");
    if (start.shape().length != 2
        || start.rows() < config.chains()
        || start.units() != rbm.config().visible()) {
      throw new IllegalArgumentException(
          "start must be at least [%d, %d], got %s"
              .formatted(config.chains(), rbm.config().visible(), start));
    }
    Device device = rbm.device();
    float[] base = baseBiases(rbm, dataMean);
    double[] betas = config.betas();
    double[] logWeights = new double[config.chains()];
    try (Tensor a = Tensor.of(device, base, base.length);
        Tensor v = burnIn(rbm, start, config)) { // bits [chains, visible]
      Gibbs.ais(
          device,
          rbm.parameters(),
          reversed(betas),
          a.buffer(),
          false,
          new Rng(config.seed(), config.burnIn()),
          v.states(),
          logWeights);
    }
    Interval ratio = logMean(logWeights); // of Z_base / Z
    double logBase = logBase(base, rbm.config().hidden());
    return new LogPartitionEstimate(
        logBase - ratio.mid(),
        logBase - ratio.high(),
        logBase - ratio.low(),
        config.chains(),
        betas.length,
        REVERSE);
  }

  private static Tensor burnIn(Rbm rbm, Tensor start, AisConfig config) {
    long[] first = new long[config.chains()];
    for (int i = 0; i < first.length; i++) {
      first[i] = i;
    }
    try (Tensor rows = start.rowsAt(first)) {
      Tensor v = rows.toBits(0.5f);
      try {
        Gibbs.chain(
            rbm.device(),
            rbm.parameters(),
            config.burnIn(),
            1f,
            null,
            new Rng(config.seed(), 0),
            v.states(),
            null,
            null,
            null,
            null);
        return v;
      } catch (RuntimeException e) {
        v.close();
        throw e;
      }
    }
  }

  private static float[] baseBiases(Rbm rbm, float[] dataMean) {
    int visible = rbm.config().visible();
    return dataMean == null ? new float[visible] : LogOdds.of(dataMean, visible);
  }

  /** log Z of the base: sum_i softplus(a_i) + hidden log 2. */
  static double logBase(float[] a, int hidden) {
    double sum = hidden * Math.log(2);
    for (float bias : a) {
      sum += Math.max(bias, 0) + Math.log1p(Math.exp(-Math.abs(bias)));
    }
    return sum;
  }

  record Interval(double low, double mid, double high) {}

  /** The logarithm of the mean of exp(x), and of the ends of the mean's 95 % interval. */
  static Interval logMean(double[] x) {
    double max = Double.NEGATIVE_INFINITY;
    for (double value : x) {
      max = Math.max(max, value);
    }
    double mean = 0;
    for (double value : x) {
      mean += Math.exp(value - max) / x.length;
    }
    double squares = 0;
    for (double value : x) {
      double d = Math.exp(value - max) - mean;
      squares += d * d;
    }
    double error = Math.sqrt(squares / (x.length - 1.0) / x.length);
    double mid = max + Math.log(mean);
    double lowMean = mean - Z95 * error;
    double low = lowMean > 0 ? max + Math.log(lowMean) : Double.NEGATIVE_INFINITY;
    return new Interval(low, mid, max + Math.log(mean + Z95 * error));
  }

  private static double[] reversed(double[] betas) {
    double[] reversed = new double[betas.length];
    for (int k = 0; k < betas.length; k++) {
      reversed[k] = betas[betas.length - 1 - k];
    }
    return reversed;
  }
}
