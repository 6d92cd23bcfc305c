// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.linalg;

import static org.bytedeco.openblas.global.openblas.LAPACKE_dgesdd;
import static org.bytedeco.openblas.global.openblas.LAPACK_ROW_MAJOR;

/**
 * The thin singular value decomposition A = U diag(s) V^T, in double, by LAPACK's dgesdd.
 *
 * @param u row-major [m, k], orthonormal columns, k = min(m, n)
 * @param s [k], descending, at least 0
 * @param vt row-major [k, n], orthonormal rows
 */
public record Svd(double[] u, double[] s, double[] vt) {

  /**
   * Decomposes a matrix.
   *
   * @param a row-major [m, n], finite; not modified
   * @throws IllegalArgumentException for sizes that do not fit or values that are not finite
   * @throws ArithmeticException if LAPACK does not converge
   */
  public static Svd of(double[] a, int m, int n) {
    if (m < 1 || n < 1 || (long) m * n != a.length) {
      throw new IllegalArgumentException(
          "expected %d values for a matrix [%d, %d] of at least one row and column, got %d"
              .formatted((long) m * n, m, n, a.length));
    }
    for (int i = 0; i < a.length; i++) {
      if (!Double.isFinite(a[i])) {
        throw new IllegalArgumentException(
            "expected finite values, got %s at row %d, column %d".formatted(a[i], i / n, i % n));
      }
    }
    int k = Math.min(m, n);
    double[] u = new double[Math.multiplyExact(m, k)];
    double[] s = new double[k];
    double[] vt = new double[Math.multiplyExact(k, n)];
    int info = LAPACKE_dgesdd(LAPACK_ROW_MAJOR, (byte) 'S', m, n, a.clone(), n, s, u, k, vt, n);
    if (info != 0) {
      throw new ArithmeticException("expected dgesdd to converge, got info " + info);
    }
    return new Svd(u, s, vt);
  }
}
