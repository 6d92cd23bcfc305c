// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import static org.bytedeco.openblas.global.openblas_full.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_full.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_full.CblasTrans;
import static org.bytedeco.openblas.global.openblas_full.cblas_sgemm;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.openblas.global.openblas_full;

/**
 * OpenBLAS, from bytedeco: the ceiling of dense products, and the library libtorch itself calls for
 * them.
 */
public final class OpenBlas {
  private OpenBlas() {}

  /**
   * Sets the thread count of the whole process, libtorch's products included. The jar holds the
   * library twice, under two names, and which copy libtorch is bound to depends on what was loaded
   * first, so both are told.
   */
  public static void setThreads(int threads) {
    openblas.blas_set_num_threads(threads);
    openblas_full.openblas_set_num_threads(threads);
    int taken = openblas_full.openblas_get_num_threads();
    if (taken != threads) {
      throw new IllegalStateException(
          "expected OpenBLAS to take " + threads + " threads, got " + taken);
    }
  }

  /** Which of its kernels OpenBLAS chose for this CPU. */
  public static String core() {
    return openblas_full.openblas_get_corename().getString();
  }

  /** out[m][n] = a[m][k] b[k][n], all row-major. */
  public static void multiply(
      FloatPointer a, FloatPointer b, FloatPointer out, int m, int n, int k) {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, out, n);
  }

  /** out[m][n] = a[m][k] b[n][k]^T, all row-major. */
  public static void multiplyTransposed(
      FloatPointer a, FloatPointer b, FloatPointer out, int m, int n, int k) {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, n, k, 1, a, k, b, k, 0, out, n);
  }

  /** out[m][n] = op(a) op(b), all row-major, op(x) = x or its transpose. */
  public static void multiply(
      boolean transposeA,
      boolean transposeB,
      FloatPointer a,
      FloatPointer b,
      FloatPointer out,
      int m,
      int n,
      int k) {
    cblas_sgemm(
        CblasRowMajor,
        transposeA ? CblasTrans : CblasNoTrans,
        transposeB ? CblasTrans : CblasNoTrans,
        m,
        n,
        k,
        1,
        a,
        transposeA ? m : k,
        b,
        transposeB ? k : n,
        0,
        out,
        n);
  }
}
