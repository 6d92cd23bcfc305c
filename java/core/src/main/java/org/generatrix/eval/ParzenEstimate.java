// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval;

import org.generatrix.binding.Loss;
import org.generatrix.tensor.Tensor;

/**
 * The Parzen-window estimate of a model's mean log-likelihood, in nats, from samples of it: each is
 * the centre of a Gaussian (Breuleux, Bengio, Vincent, "Quickly generating representative samples
 * from an RBM-derived process", 2011). It is a poor estimate in many dimensions (Theis, van den
 * Oord, Bethge, 2016); it is here because the literature's tables have it.
 *
 * @param mean over the test points
 * @param standardError of the mean, as a sample of all data; of one point it is NaN
 * @param sigma the Gaussians' standard deviation
 * @param rows test points
 * @param samples of the model
 */
public record ParzenEstimate(
    double mean, double standardError, double sigma, long rows, long samples) {

  /**
   * @param test [rows, ..], rows at least 1
   * @param samples [n, ..] of the test points' format, n at least 1
   */
  public static ParzenEstimate of(Tensor test, Tensor samples, double sigma) {
    double[] values = logLikelihoods(test, samples, sigma);
    double mean = 0;
    double squares = 0;
    for (double v : values) {
      mean += v / values.length;
    }
    for (double v : values) {
      squares += (v - mean) * (v - mean);
    }
    int n = values.length;
    double error = n > 1 ? Math.sqrt(squares / (n - 1.0) / n) : Double.NaN;
    return new ParzenEstimate(mean, error, sigma, n, samples.shape()[0]);
  }

  /**
   * The one of the given sigmas with the greatest mean on a validation set, as the papers choose
   * it.
   */
  public static double bestSigma(Tensor validation, Tensor samples, double... sigmas) {
    if (sigmas.length == 0) {
      throw new IllegalArgumentException("expected at least one sigma, got none");
    }
    double best = sigmas[0];
    double most = Double.NEGATIVE_INFINITY;
    for (double sigma : sigmas) {
      double mean = of(validation, samples, sigma).mean();
      if (mean > most) {
        most = mean;
        best = sigma;
      }
    }
    return best;
  }

  /** For each test point. */
  public static double[] logLikelihoods(Tensor test, Tensor samples, double sigma) {
    long rows = rows("test points", test);
    long n = rows("samples", samples);
    if (test.size() / rows != samples.size() / n) {
      throw new IllegalArgumentException(
          "expected samples of the test points' size, got "
              + samples.describe()
              + " for "
              + test.describe());
    }
    try (Tensor out = Tensor.empty(test.device(), test.dtype(), rows)) {
      Loss.parzenLogLikelihood(
          test.device(),
          sigma,
          rows,
          n,
          test.size() / rows,
          test.view(),
          samples.view(),
          out.view());
      return out.toDoubleArray();
    }
  }

  private static long rows(String name, Tensor x) {
    if (x.shape().length == 0 || x.shape()[0] < 1) {
      throw new IllegalArgumentException(
          "expected " + name + " [n, ..], n at least 1, got " + x.describe());
    }
    return x.shape()[0];
  }
}
