// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval;

import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Tape;
import org.generatrix.tensor.Tensor;

/**
 * How far samples of a model without a density are from data: the squared maximum mean discrepancy
 * (Gretton et al., "A kernel two-sample test", JMLR 13, 2012), unbiased, under a sum of five RBF
 * kernels whose widths follow from the data: 1/4, 1/2, 1, 2 and 4 times the root of the sum of the
 * units' variances, near the typical distance of two examples. Its mean is 0 for samples of the
 * data's distribution; one estimate can be below 0.
 */
public final class MeanDiscrepancy {
  private static final double[] FACTORS = {0.25, 0.5, 1, 2, 4};

  private MeanDiscrepancy() {}

  /**
   * @param data float [n, units], at least 2 rows
   * @param samples float [m, units], at least 2 rows
   */
  public static double of(Tensor data, Tensor samples) {
    if (data.shape().length != 2 || data.rows() < 2 || samples.rows() < 2) {
      throw new IllegalArgumentException(
          "expected at least 2 rows of data and 2 samples, got %s and %s"
              .formatted(data.describe(), samples.describe()));
    }
    double scale = Math.sqrt(totalVariance(data));
    double[] widths = new double[FACTORS.length];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = FACTORS[i] * (scale > 0 ? scale : 1);
    }
    try (Tape tape = Tape.inference(data.device())) {
      return Functions.mmd(tape.constant(data), tape.constant(samples), true, widths).item();
    }
  }

  private static double totalVariance(Tensor data) {
    float[] values = data.toArray();
    int units = Math.toIntExact(data.units());
    int rows = values.length / units;
    double total = 0;
    for (int u = 0; u < units; u++) {
      double sum = 0;
      double squares = 0;
      for (int r = 0; r < rows; r++) {
        double x = values[r * units + u];
        sum += x;
        squares += x * x;
      }
      total += Math.max(0, squares / rows - (sum / rows) * (sum / rows));
    }
    return total;
  }
}
