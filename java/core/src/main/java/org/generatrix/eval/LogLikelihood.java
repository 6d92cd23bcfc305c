// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import org.generatrix.data.Binarisation;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * The mean log-likelihood of a data set, in nats, with what it is worth.
 *
 * @param mean over the set
 * @param low lower end of the 95 % interval: the one that an estimated log Z leaves, or for a lower
 *     bound that of a mean over so many rows; the mean itself when exact
 * @param high upper end
 * @param standardError of the mean over the set, as a sample of all data
 * @param rows size of the set
 * @param certainty what kind of figure it is
 * @param binarisation how the data became bits; figures compare only within one
 */
public record LogLikelihood(
    double mean,
    double low,
    double high,
    double standardError,
    int rows,
    Certainty certainty,
    Binarisation binarisation) {

  /** What kind of figure a likelihood is. */
  public enum Certainty {
    /** Exact up to rounding. */
    EXACT,
    /** From a random estimate of log Z. */
    ESTIMATE,
    /** The true value is at least this. */
    LOWER_BOUND
  }

  /** With log Z by enumeration; for machines with at most 25 units in the smaller layer. */
  public static LogLikelihood exact(Rbm rbm, Tensor v, Binarisation binarisation) {
    double logZ = rbm.logPartition();
    return of(rbm, v, logZ, logZ, logZ, Certainty.EXACT, binarisation);
  }

  /** With an estimated log Z. */
  public static LogLikelihood estimate(
      Rbm rbm, Tensor v, LogPartitionEstimate logZ, Binarisation binarisation) {
    return of(rbm, v, logZ.logZ(), logZ.low(), logZ.high(), Certainty.ESTIMATE, binarisation);
  }

  private static LogLikelihood of(
      Rbm rbm,
      Tensor v,
      double logZ,
      double logZLow,
      double logZHigh,
      Certainty certainty,
      Binarisation binarisation) {
    Objects.requireNonNull(binarisation, "binarisation");
    if (v.dtype() != DType.BITS || v.rows() < 1) {
      throw new IllegalArgumentException(
          "the data must be bits [n, %d] with n at least 1, got %s"
              .formatted(rbm.config().visible(), v.describe()));
    }
    double[] unnormalised = Arrays.stream(rbm.freeEnergy(v)).map(f -> -f).toArray();
    double mean = mean(unnormalised);
    return new LogLikelihood(
        mean - logZ,
        mean - logZHigh,
        mean - logZLow,
        standardError(unnormalised, mean),
        unnormalised.length,
        certainty,
        binarisation);
  }

  /**
   * Of figures that each lie below their row's log-likelihood, on average at least: variational
   * bounds, importance weighted estimates. The interval is that of the mean over a sample of rows,
   * 1.96 standard errors to either side.
   *
   * @param rows one figure in nats for each row, at least 1
   */
  public static LogLikelihood lowerBound(double[] rows, Binarisation binarisation) {
    Objects.requireNonNull(binarisation, "binarisation");
    if (rows.length < 1) {
      throw new IllegalArgumentException("a mean needs at least 1 row, got none");
    }
    double mean = mean(rows);
    double error = standardError(rows, mean);
    return new LogLikelihood(
        mean,
        mean - 1.96 * error,
        mean + 1.96 * error,
        error,
        rows.length,
        Certainty.LOWER_BOUND,
        binarisation);
  }

  /**
   * Of each row's own, computed exactly.
   *
   * @param rows log-likelihoods in nats, at least 1
   */
  public static LogLikelihood exact(double[] rows, Binarisation binarisation) {
    LogLikelihood bound = lowerBound(rows, binarisation);
    return new LogLikelihood(
        bound.mean,
        bound.mean,
        bound.mean,
        bound.standardError,
        bound.rows,
        Certainty.EXACT,
        binarisation);
  }

  private static double mean(double[] values) {
    double mean = 0;
    for (double value : values) {
      mean += value / values.length;
    }
    return mean;
  }

  // Of the mean, NaN for a single value.
  private static double standardError(double[] values, double mean) {
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    int n = values.length;
    return n > 1 ? Math.sqrt(squares / (n - 1.0) / n) : Double.NaN;
  }

  @Override
  public String toString() {
    boolean exact = certainty == Certainty.EXACT;
    return String.format(
        Locale.ROOT,
        "%.3f nats%s (%s, %d rows, %s)",
        mean,
        exact ? "" : String.format(Locale.ROOT, " [%.3f, %.3f]", low, high),
        certainty.name().toLowerCase(Locale.ROOT).replace('_', ' '),
        rows,
        binarisation.id());
  }
}
