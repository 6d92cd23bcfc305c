// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.generatrix.binding.Device;
import org.generatrix.model.boltzmann.RbmTrainingConfig.Algorithm;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Training on bars and stripes, whose best possible mean log-likelihood is known (oracle 4): every
 * trainer climbs close to it, and none ever gets above, which would mean that a likelihood is
 * wrong.
 */
class BarsAndStripesTest {

  @ParameterizedTest
  @CsvSource({
    "2, CD, true, -1.732868, 0.1",
    "2, PCD, true, -1.732868, 0.1",
    "2, PCD, false, -1.732868, 0.1",
    "2, PARALLEL_TEMPERING, true, -1.732868, 0.1",
    "3, CD, true, -2.599302, 0.25",
    "3, PCD, true, -2.599302, 0.25",
    "3, PARALLEL_TEMPERING, true, -2.599302, 0.25",
  })
  void trainingReachesTheOptimumAndNeverPassesIt(
      int n, Algorithm algorithm, boolean centered, double optimum, double within) {
    float[] rows = barsAndStripes(n);
    int visible = n * n;
    int examples = rows.length / visible;
    assertEquals(optimum, entropy(rows, visible), 1e-6);
    RbmTrainingConfig config =
        RbmTrainingConfig.builder()
            .algorithm(algorithm)
            .steps(algorithm == Algorithm.CD ? 5 : 1)
            .batchSize(examples)
            .chains(100)
            .replicas(algorithm == Algorithm.PARALLEL_TEMPERING ? 4 : 1)
            .epochs(12_000)
            .learningRate(0.1)
            .finalLearningRate(0.001)
            .build();
    float[] mean = new float[visible];
    Arrays.fill(mean, 0.5f);
    try (Device device = Device.cpu(1);
        Tensor data = TinyMachine.states(device, rows, visible);
        Rbm rbm = Rbm.create(device, new RbmConfig(visible, 4 * n, centered, 0.1), mean, 3);
        RbmTrainer run = new RbmTrainer(rbm, data, config)) {
      double first = meanLogLikelihood(rbm, data);
      while (run.epoch() < run.epochs()) {
        run.step();
        if (run.epoch() % 500 == 0) {
          assertTrue(meanLogLikelihood(rbm, data) <= optimum, "above the optimum");
        }
      }
      double last = meanLogLikelihood(rbm, data);
      assertTrue(last > first + 0.5, first + " to " + last);
      assertTrue(last > optimum - within, last + ", optimum " + optimum);
    }
  }

  private static double meanLogLikelihood(Rbm rbm, Tensor data) {
    return -Arrays.stream(rbm.freeEnergy(data)).average().orElseThrow() - rbm.logPartition();
  }

  // The rows of an n x n image all on or off at random, then the columns likewise: 2^(n + 1)
  // images.
  private static float[] barsAndStripes(int n) {
    float[] rows = new float[(2 << n) * n * n];
    for (int pattern = 0; pattern < 1 << n; pattern++) {
      for (int y = 0; y < n; y++) {
        for (int x = 0; x < n; x++) {
          rows[(2 * pattern * n + y) * n + x] = TinyMachine.bit(pattern, y);
          rows[((2 * pattern + 1) * n + y) * n + x] = TinyMachine.bit(pattern, x);
        }
      }
    }
    return rows;
  }

  // Minus the entropy of the rows: the mean log-likelihood of a model that knows them by heart.
  private static double entropy(float[] rows, int units) {
    int n = rows.length / units;
    double sum = 0;
    for (int r = 0; r < n; r++) {
      int same = 0;
      for (int q = 0; q < n; q++) {
        same +=
            Arrays.equals(rows, r * units, (r + 1) * units, rows, q * units, (q + 1) * units)
                ? 1
                : 0;
      }
      sum += Math.log((double) same / n) / n;
    }
    return sum;
  }
}
