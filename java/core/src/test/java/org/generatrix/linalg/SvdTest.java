// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.generatrix.binding.Device;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.Test;

class SvdTest {
  @Test
  void aDiagonalMatrixIsItsOwnDecomposition() {
    Svd svd = Svd.of(new double[] {0, 3, 0, -5, 0, 0}, 2, 3);
    assertArrayEquals(new double[] {5, 3}, svd.s(), 1e-14);
    assertEquals(1, Math.abs(svd.u()[2]), 1e-14); // row 1, column 0
    assertEquals(1, Math.abs(svd.vt()[0]), 1e-14);
  }

  @Test
  void theFactorsMultiplyBack() {
    for (int[] shape : new int[][] {{7, 4}, {4, 7}, {1, 5}, {5, 1}}) {
      int m = shape[0];
      int n = shape[1];
      int k = Math.min(m, n);
      double[] a = new Random(3).doubles((long) m * n, -1, 1).toArray();
      double[] before = a.clone();
      Svd svd = Svd.of(a, m, n);
      assertArrayEquals(before, a);
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          double sum = 0;
          for (int l = 0; l < k; l++) {
            sum += svd.u()[i * k + l] * svd.s()[l] * svd.vt()[l * n + j];
          }
          assertEquals(a[i * n + j], sum, 1e-13);
        }
      }
      for (int l = 1; l < k; l++) {
        assertTrue(svd.s()[l - 1] >= svd.s()[l]);
      }
    }
  }

  @Test
  void refusesWhatIsNoMatrix() {
    assertThrows(IllegalArgumentException.class, () -> Svd.of(new double[5], 2, 3));
    assertThrows(IllegalArgumentException.class, () -> Svd.of(new double[0], 0, 3));
    assertThrows(IllegalArgumentException.class, () -> Svd.of(new double[] {1, Double.NaN}, 1, 2));
  }

  @Test
  void principalComponentsOfALineAreTheLine() {
    try (Device device = Device.cpu(1);
        Tensor x = Tensor.of(device, new float[] {1, 1, 2, 3, 3, 5, 4, 7}, 4, 2)) {
      Pca pca = Pca.fit(x, 1);
      assertArrayEquals(new double[] {2.5, 4}, pca.mean(), 1e-12);
      assertEquals(6.25, pca.variances()[0], 1e-12); // 1.25 (1 + 4)
      assertEquals(0, pca.residualVariance(), 1e-12);
      assertArrayEquals(new double[] {1 / Math.sqrt(5), 2 / Math.sqrt(5)}, pca.components(), 1e-12);
      try (Tensor codes = pca.encode(x);
          Tensor back = pca.decode(codes)) {
        assertArrayEquals(x.toArray(), back.toArray(), 1e-6f);
        assertThrows(IllegalArgumentException.class, () -> pca.encode(codes));
      }
      assertThrows(IllegalArgumentException.class, () -> Pca.fit(x, 3));
      assertThrows(IllegalArgumentException.class, () -> Pca.fit(x, 0));
    }
  }

  @Test
  void theErrorLeftIsTheVarianceLeft() {
    int rows = 50;
    int units = 6;
    Random random = new Random(8);
    float[] values = new float[rows * units];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * (1 + i % units);
    }
    try (Device device = Device.cpu(1);
        Tensor x = Tensor.of(device, values, rows, units)) {
      Pca pca = Pca.fit(x, 3);
      try (Tensor codes = pca.encode(x);
          Tensor back = pca.decode(codes)) {
        double error = 0;
        float[] got = back.toArray();
        for (int i = 0; i < got.length; i++) {
          error += (got[i] - values[i]) * (double) (got[i] - values[i]) / rows;
        }
        assertEquals(pca.residualVariance(), error, 1e-5 * error);
      }
    }
  }

  /** Twice the same rows have the same components, found the other way. */
  @Test
  void fewRowsHaveTheComponentsOfTheirCovariance() {
    int units = 7;
    Random random = new Random(8);
    float[] few = new float[5 * units];
    for (int i = 0; i < few.length; i++) {
      few[i] = (float) random.nextGaussian() * (1 + i % units);
    }
    float[] twice = Arrays.copyOf(few, 2 * few.length);
    System.arraycopy(few, 0, twice, few.length, few.length);
    try (Device device = Device.cpu(1);
        Tensor x = Tensor.of(device, few, 5, units);
        Tensor both = Tensor.of(device, twice, 10, units)) {
      Pca ours = Pca.fit(x, 3);
      Pca theirs = Pca.fit(both, 3);
      assertArrayEquals(theirs.mean(), ours.mean(), 1e-12);
      assertArrayEquals(theirs.variances(), ours.variances(), 1e-10);
      assertArrayEquals(theirs.components(), ours.components(), 1e-10);
      assertEquals(theirs.totalVariance(), ours.totalVariance(), 1e-10);
      assertEquals(6, Pca.fit(x, 6).code(), "more components than rows are zeros' too");
    }
  }
}
