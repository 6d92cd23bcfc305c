// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval;

import java.util.Locale;
import java.util.Objects;
import org.generatrix.data.Binarisation;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * The mean log-likelihood of a data set, in nats, with what it is worth: log p(v) = -F(v) - log Z.
 *
 * @param mean over the set
 * @param low lower end of the 95 % interval that an estimated log Z leaves; the mean itself when
 *     exact
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
              .formatted(rbm.config().visible(), v));
    }
    double[] freeEnergy = rbm.freeEnergy(v);
    double mean = 0;
    for (double f : freeEnergy) {
      mean -= f / freeEnergy.length;
    }
    double squares = 0;
    for (double f : freeEnergy) {
      squares += (-f - mean) * (-f - mean);
    }
    int n = freeEnergy.length;
    double error = n > 1 ? Math.sqrt(squares / (n - 1.0) / n) : Double.NaN;
    return new LogLikelihood(
        mean - logZ, mean - logZHigh, mean - logZLow, error, n, certainty, binarisation);
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
