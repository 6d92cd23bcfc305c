// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.linalg;

import static org.bytedeco.openblas.global.openblas.CblasLower;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_dsyrk;

import java.util.Arrays;
import org.generatrix.tensor.Tensor;

/**
 * Principal component analysis: the linear code of a given size with the least squared
 * reconstruction error (Pearson 1901; Hotelling 1933).
 *
 * <p>code = (x - mean) V^T, reconstruction = code V + mean, V the first eigenvectors of the
 * covariance.
 *
 * @param mean [units]
 * @param components V, row-major [code, units], orthonormal rows, by falling variance; the largest
 *     entry of each is positive
 * @param variances of the codes [code], with divisor n
 * @param totalVariance of the data, the sum over units
 */
public record Pca(double[] mean, double[] components, double[] variances, double totalVariance) {
  private static final int BLOCK = 1024; // rows at a time

  /**
   * Fits n rows of data.
   *
   * @param data numbers or bits [n, units], n at least 1
   * @param code components kept, in [1, units]
   */
  public static Pca fit(Tensor data, int code) {
    int units = Math.toIntExact(data.units());
    long rows = data.rows();
    if (rows < 1 || code < 1 || code > units) {
      throw new IllegalArgumentException(
          "expected at least one row and a code in [1, %d], got %d rows and a code of %d"
              .formatted(units, rows, code));
    }
    double[] mean = new double[units];
    float[] x = data.toArray();
    for (int i = 0; i < x.length; i++) {
      mean[i % units] += x[i] / (double) rows;
    }
    return code <= rows && rows < units ? ofRows(x, mean, code) : ofCovariance(x, mean, code);
  }

  // Fewer rows than units: their own decomposition is the smaller one.
  private static Pca ofRows(float[] x, double[] mean, int code) {
    int units = mean.length;
    int rows = x.length / units;
    double[] centred = new double[x.length];
    double total = 0;
    for (int i = 0; i < x.length; i++) {
      centred[i] = x[i] - mean[i % units];
      total += centred[i] * centred[i] / rows;
    }
    Svd svd = Svd.of(centred, rows, units);
    double[] variances = Arrays.copyOf(svd.s(), code);
    for (int c = 0; c < code; c++) {
      variances[c] *= variances[c] / rows;
    }
    return oriented(mean, svd, variances, total);
  }

  private static Pca ofCovariance(float[] x, double[] mean, int code) {
    int units = mean.length;
    long rows = x.length / units;
    double[] covariance = new double[Math.multiplyExact(units, units)];
    int block = (int) Math.min(rows, BLOCK);
    double[] centred = new double[Math.multiplyExact(block, units)];
    for (int first = 0; first < rows; first += block) {
      int count = (int) Math.min(block, rows - first);
      for (int i = 0; i < count * units; i++) {
        centred[i] = x[first * units + i] - mean[i % units];
      }
      cblas_dsyrk(
          CblasRowMajor,
          CblasLower,
          CblasTrans,
          units,
          count,
          1,
          centred,
          units,
          1,
          covariance,
          units);
    }
    double total = 0;
    for (int i = 0; i < units; i++) {
      for (int j = 0; j <= i; j++) {
        covariance[i * units + j] /= rows;
        covariance[j * units + i] = covariance[i * units + j];
      }
      total += covariance[i * units + i];
    }
    Svd svd = Svd.of(covariance, units, units);
    return oriented(mean, svd, Arrays.copyOf(svd.s(), code), total);
  }

  private static Pca oriented(double[] mean, Svd svd, double[] variances, double total) {
    int units = mean.length;
    double[] components = Arrays.copyOf(svd.vt(), variances.length * units);
    for (int c = 0; c < variances.length; c++) {
      orient(components, c * units, units);
    }
    return new Pca(mean, components, variances, total);
  }

  private static void orient(double[] v, int from, int n) {
    int largest = from;
    for (int i = from; i < from + n; i++) {
      if (Math.abs(v[i]) > Math.abs(v[largest])) {
        largest = i;
      }
    }
    if (v[largest] < 0) {
      for (int i = from; i < from + n; i++) {
        v[i] = -v[i];
      }
    }
  }

  /** Size of the code. */
  public int code() {
    return variances.length;
  }

  /** Codes float32 [n, code] of rows [n, units]; the caller closes them. */
  public Tensor encode(Tensor x) {
    int units = mean.length;
    float[] values = x.toArray();
    int rows = requireRows(x, units);
    float[] codes = new float[rows * code()];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < code(); c++) {
        double sum = 0;
        for (int i = 0; i < units; i++) {
          sum += (values[r * units + i] - mean[i]) * components[c * units + i];
        }
        codes[r * code() + c] = (float) sum;
      }
    }
    return Tensor.of(x.device(), codes, rows, code());
  }

  /** Reconstructions float32 [n, units] of codes [n, code]; the caller closes them. */
  public Tensor decode(Tensor codes) {
    int units = mean.length;
    float[] values = codes.toArray();
    int rows = requireRows(codes, code());
    float[] x = new float[rows * units];
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < units; i++) {
        double sum = mean[i];
        for (int c = 0; c < code(); c++) {
          sum += values[r * code() + c] * components[c * units + i];
        }
        x[r * units + i] = (float) sum;
      }
    }
    return Tensor.of(codes.device(), x, rows, units);
  }

  private static int requireRows(Tensor x, int units) {
    if (x.shape().length != 2 || x.units() != units) {
      throw new IllegalArgumentException(
          "expected rows of %d, got %s".formatted(units, x.describe()));
    }
    return Math.toIntExact(x.rows());
  }

  /** The mean squared error per row of reconstructing the data it was fitted to. */
  public double residualVariance() {
    return totalVariance - Arrays.stream(variances).sum();
  }
}
