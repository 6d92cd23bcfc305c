// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InitialiserTest {
  private final Device device = Device.cpu(1);

  @AfterEach
  void close() {
    device.close();
  }

  private double[] filled(Initialiser initialiser, long seed, long... shape) {
    try (Tensor tensor = Tensor.zeros(device, DType.FLOAT64, shape)) {
      initialiser.fill(tensor, seed);
      return tensor.toDoubleArray();
    }
  }

  /** Mean 0 and the variance within 6 standard errors; uniform within its limits. */
  private void assertVariance(
      Initialiser initialiser, double variance, boolean uniform, long... shape) {
    double[] x = filled(initialiser, 11, shape);
    double sum = 0;
    double squares = 0;
    double most = 0;
    for (double v : x) {
      sum += v;
      squares += v * v;
      most = Math.max(most, Math.abs(v));
    }
    int n = x.length;
    assertEquals(0, sum / n, 6 * Math.sqrt(variance / n));
    assertEquals(variance, squares / n, 6 * variance * Math.sqrt(2.0 / n));
    assertEquals(uniform, most <= Math.sqrt(3 * variance));
  }

  @Test
  void variancesFollowTheFans() {
    assertVariance(Initialiser.glorotUniform(), 2.0 / (60 + 100), true, 100, 60);
    assertVariance(Initialiser.glorotNormal(), 2.0 / (60 + 100), false, 100, 60);
    assertVariance(Initialiser.heUniform(), 2.0 / 60, true, 100, 60);
    assertVariance(Initialiser.heNormal(), 2.0 / 60, false, 100, 60);
    assertVariance(Initialiser.heNormal(), 2.0 / (10 * 9), false, 100, 10, 3, 3);
    assertVariance(Initialiser.glorotNormal(), 2.0 / (110 * 9), false, 100, 10, 3, 3);
    assertVariance(
        new Initialiser.VarianceScaling(3, Initialiser.Fan.OUT, Initialiser.Draw.UNIFORM),
        3.0 / 100,
        true,
        100,
        60);
  }

  @Test
  void uniformNormalAndConstantAreWhatTheySay() {
    for (double v : filled(Initialiser.uniform(2, 3), 1, 1000)) {
      assertTrue(v >= 2 && v < 3);
    }
    double mean = 0;
    for (double v : filled(Initialiser.normal(5, 0.1), 1, 10000)) {
      mean += v / 10000;
    }
    assertEquals(5, mean, 0.006);
    assertArrayEquals(new double[] {0.1, 0.1}, filled(Initialiser.constant(0.1), 1, 2));
    assertArrayEquals(new double[0], filled(Initialiser.glorotUniform(), 1, 0, 3));
    assertArrayEquals(new double[0], filled(Initialiser.orthogonal(), 1, 0, 3));
  }

  @Test
  void orthogonalHasOrthonormalRowsOrColumns() {
    for (long[] shape : new long[][] {{5, 5}, {3, 7}, {7, 3}, {1, 4}, {4, 1}, {4, 2, 3, 3}}) {
      double[] w = filled(new Initialiser.Orthogonal(2), 3, shape);
      int rows = (int) shape[0];
      int columns = w.length / rows;
      int n = Math.min(rows, columns);
      for (int a = 0; a < n; a++) {
        for (int b = 0; b < n; b++) {
          double dot = 0;
          for (int i = 0; i < Math.max(rows, columns); i++) {
            dot +=
                rows <= columns
                    ? w[a * columns + i] * w[b * columns + i]
                    : w[i * columns + a] * w[i * columns + b];
          }
          assertEquals(a == b ? 4 : 0, dot, 1e-12);
        }
      }
    }
  }

  /** Uniform over the group: the mean of an entry over seeds is 0, its variance 1 / n. */
  @Test
  void orthogonalHasNoPreferredDirection() {
    double[] sums = new double[9];
    double[] squares = new double[9];
    int seeds = 2000;
    for (int seed = 0; seed < seeds; seed++) {
      double[] w = filled(Initialiser.orthogonal(), seed, 3, 3);
      for (int i = 0; i < 9; i++) {
        sums[i] += w[i];
        squares[i] += w[i] * w[i];
      }
    }
    for (int i = 0; i < 9; i++) {
      assertEquals(0, sums[i] / seeds, 5 * Math.sqrt(1.0 / 3 / seeds));
      assertEquals(1.0 / 3, squares[i] / seeds, 5 * 0.3 / Math.sqrt(seeds));
    }
  }

  @Test
  void singleAndDoublePrecisionDrawTheSame() {
    try (Tensor single = Tensor.zeros(device, 8, 6)) {
      Initialiser.heNormal().fill(single, 4);
      double[] wide = filled(Initialiser.heNormal(), 4, 8, 6);
      float[] narrow = single.toArray();
      for (int i = 0; i < narrow.length; i++) {
        assertEquals((float) wide[i], narrow[i]);
      }
    }
  }

  @Test
  void seedsOfNamesDiffer() {
    Set<Long> seeds = new HashSet<>();
    for (long seed = 0; seed < 50; seed++) {
      for (String name : new String[] {"", "a", "b", "ab", "ba", "0.weight", "1.weight"}) {
        seeds.add(Initialiser.seed(seed, name));
      }
    }
    assertEquals(350, seeds.size());
  }

  @Test
  void nonsenseIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Initialiser.constant(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> Initialiser.uniform(1, 0));
    assertThrows(IllegalArgumentException.class, () -> Initialiser.uniform(0, Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> Initialiser.normal(0, -1));
    assertThrows(IllegalArgumentException.class, () -> Initialiser.normal(Double.NaN, 1));
    assertThrows(IllegalArgumentException.class, () -> new Initialiser.Orthogonal(Double.NaN));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Initialiser.VarianceScaling(-1, Initialiser.Fan.IN, Initialiser.Draw.NORMAL));
    assertThrows(
        NullPointerException.class,
        () -> new Initialiser.VarianceScaling(1, null, Initialiser.Draw.NORMAL));
    for (Initialiser each : new Initialiser[] {Initialiser.heNormal(), Initialiser.orthogonal()}) {
      assertTrue(
          assertThrows(IllegalArgumentException.class, () -> filled(each, 1, 5))
              .getMessage()
              .contains("expected a weight [out, in, ..]"));
    }
  }
}
