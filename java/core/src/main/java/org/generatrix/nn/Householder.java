// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import java.util.Arrays;

/** QR of a tall matrix by Householder reflections, for initial weights: plain, in double. */
final class Householder {
  private Householder() {}

  /**
   * The n columns of Q [m, n] of a = Q R, m at least n, with signs such that R's diagonal is
   * positive.
   *
   * @param a the n columns one after the other, [n][m]; changed
   */
  static double[][] orthonormal(double[] a, int m, int n) {
    double[][] v = new double[n][]; // column k, then from element k on the reflection's vector
    double[] sign = new double[n];
    for (int k = 0; k < n; k++) {
      v[k] = Arrays.copyOfRange(a, k * m, (k + 1) * m);
    }
    for (int k = 0; k < n; k++) {
      double norm = Math.sqrt(dot(v[k], v[k], k));
      sign[k] = v[k][k] > 0 ? -1 : 1; // of the diagonal of R
      v[k][k] -= sign[k] * norm;
      double length = Math.sqrt(dot(v[k], v[k], k));
      for (int i = k; i < m && length > 0; i++) {
        v[k][i] /= length;
      }
      for (int j = k + 1; j < n; j++) {
        reflect(v[j], v[k], k);
      }
    }
    double[][] q = new double[n][m];
    for (int j = 0; j < n; j++) {
      q[j][j] = sign[j];
      for (int k = n - 1; k >= 0; k--) {
        reflect(q[j], v[k], k);
      }
    }
    return q;
  }

  /** x -= 2 v (v . x), v from element k on. */
  private static void reflect(double[] x, double[] v, int k) {
    double twice = 2 * dot(x, v, k);
    for (int i = k; i < x.length; i++) {
      x[i] -= twice * v[i];
    }
  }

  private static double dot(double[] x, double[] y, int from) {
    double sum = 0;
    for (int i = from; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }
}
