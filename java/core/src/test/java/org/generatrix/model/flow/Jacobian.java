// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import java.util.function.UnaryOperator;

/** The Jacobian of a map of vectors in double, by central differences. */
final class Jacobian {
  private static final double STEP = 1e-6;

  private Jacobian() {}

  /** log |det dy/dx|. */
  static double logDet(UnaryOperator<double[]> f, double... x) {
    int n = x.length;
    double[][] j = new double[n][n]; // j[column][row]
    for (int c = 0; c < n; c++) {
      double[] moved = x.clone();
      moved[c] = x[c] + STEP;
      double[] above = f.apply(moved);
      moved[c] = x[c] - STEP;
      double[] below = f.apply(moved);
      for (int r = 0; r < n; r++) {
        j[c][r] = (above[r] - below[r]) / (2 * STEP);
      }
    }
    return logDet(j);
  }

  // Gaussian elimination with partial pivoting.
  private static double logDet(double[][] a) {
    int n = a.length;
    double sum = 0;
    for (int k = 0; k < n; k++) {
      int pivot = k;
      for (int i = k + 1; i < n; i++) {
        pivot = Math.abs(a[i][k]) > Math.abs(a[pivot][k]) ? i : pivot;
      }
      double[] row = a[pivot];
      a[pivot] = a[k];
      a[k] = row;
      sum += Math.log(Math.abs(row[k]));
      for (int i = k + 1; i < n; i++) {
        double factor = a[i][k] / row[k];
        for (int j = k; j < n; j++) {
          a[i][j] -= factor * row[j];
        }
      }
    }
    return sum;
  }
}
