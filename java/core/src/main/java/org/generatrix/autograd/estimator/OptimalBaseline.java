// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.estimator;

import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.tensor.Tensor;

/**
 * The score-function estimator with a baseline of its own for each parameter i, the one of least
 * variance: b_i = E[f g_i^2] / E[g_i^2] with g_i = d log p(y) / d theta_i (Peters and Schaal,
 * "Reinforcement learning of motor skills with policy gradients", 2008, section 3.2.2).
 *
 * <p>It needs the scores g of every single draw, and gets them by one backward pass for each: its
 * cost is rows times that of {@link Reinforce}, its memory rows times the parameters. The baseline
 * of a draw is estimated from the others, so that the estimate stays unbiased; for that it takes
 * two draws or more.
 */
public final class OptimalBaseline {
  private OptimalBaseline() {}

  /** g[r][i], the derivative of logP[r] by element i of the parameter. */
  public static double[][] scores(Var logP, Var parameter) {
    return scores(logP, new Var[] {parameter})[0];
  }

  private static double[][][] scores(Var logP, Var... parameters) {
    if (logP.shape().length != 1) {
      throw new IllegalArgumentException(
          "expected log-probabilities with shape [rows], got " + logP);
    }
    Tape tape = logP.tape();
    int rows = Math.toIntExact(logP.size());
    double[][][] g = new double[parameters.length][rows][];
    for (int r = 0; r < rows; r++) {
      double[] one = new double[rows];
      one[r] = 1;
      Var[] scores =
          tape.differentiate(logP, Reinforce.constant(logP, one).value(), false, parameters);
      for (int p = 0; p < parameters.length; p++) {
        g[p][r] =
            scores[p] == null
                ? new double[Math.toIntExact(parameters[p].size())]
                : scores[p].value().toDoubleArray();
      }
    }
    return g;
  }

  /** E[f g^2] / E[g^2] over the given draws, 0 where g is 0 in all of them. */
  public static double[] baseline(double[][] scores, double... f) {
    return baseline(scores, -1, f);
  }

  private static double[] baseline(double[][] g, int without, double... f) {
    int n = g[0].length;
    double[] b = new double[n];
    for (int i = 0; i < n; i++) {
      double weighted = 0;
      double weight = 0;
      for (int r = 0; r < g.length; r++) {
        if (r != without) {
          weighted += f[r] * g[r][i] * g[r][i];
          weight += g[r][i] * g[r][i];
        }
      }
      b[i] = weight > 0 ? weighted / weight : 0;
    }
    return b;
  }

  /**
   * The estimate of grad E[f] with respect to each parameter, of its shape; the tape owns them.
   *
   * @param logP [rows], rows at least 2
   * @param f [rows]
   */
  public static Tensor[] gradients(Var logP, double[] f, Var... parameters) {
    if (f.length < 2 || logP.size() != f.length) {
      throw new IllegalArgumentException(
          "expected f of at least two draws, one for each of the %d log-probabilities, got %d"
              .formatted(logP.size(), f.length));
    }
    double[][][] g = scores(logP, parameters);
    Tensor[] result = new Tensor[parameters.length];
    for (int p = 0; p < result.length; p++) {
      double[] mean = new double[Math.toIntExact(parameters[p].size())];
      for (int r = 0; r < f.length; r++) {
        double[] b = baseline(g[p], r, f);
        for (int i = 0; i < mean.length; i++) {
          mean[i] += (f[r] - b[i]) * g[p][r][i] / f.length;
        }
      }
      result[p] = logP.tape().empty(parameters[p].dtype(), parameters[p].shape());
      Reinforce.copy(mean, result[p]);
    }
    return result;
  }
}
