// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.generatrix.binding.Device;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ParzenEstimateTest {
  private final Device device = Device.cpu(1);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  // Oracle 57.
  @Test
  void ofOneSampleIsTheGaussiansLogDensity() {
    double sigma = 0.3;
    try (Tensor test = Tensor.of(device, new double[] {1, 2, 0.5, -1}, 2, 2);
        Tensor sample = Tensor.of(device, new double[] {0.8, 1.5}, 1, 2)) {
      ParzenEstimate estimate = ParzenEstimate.of(test, sample, sigma);
      double normaliser = Math.log(2 * Math.PI * sigma * sigma);
      double first = -(0.04 + 0.25) / (2 * sigma * sigma) - normaliser;
      double second = -(0.09 + 6.25) / (2 * sigma * sigma) - normaliser;
      assertEquals((first + second) / 2, estimate.mean(), 1e-9);
      assertEquals(Math.abs(first - second) / 2, estimate.standardError(), 1e-9);
      assertEquals(2, estimate.rows());
      assertEquals(1, estimate.samples());
    }
  }

  @Test
  void findsTheSigmaThatFitsBest() {
    try (Tensor test = Tensor.of(device, new double[] {0.5, -0.5, 0.45, -0.55}, 4, 1);
        Tensor sample = Tensor.of(device, new double[] {0}, 1, 1)) {
      assertEquals(0.5, ParzenEstimate.bestSigma(test, sample, 0.01, 0.5, 4));
      assertTrue(Double.isNaN(ParzenEstimate.of(sample, sample, 1).standardError()));
    }
  }

  @Test
  void refusesWhatItCannotDo() {
    try (Tensor two = Tensor.of(device, new double[] {1, 2}, 1, 2);
        Tensor three = Tensor.of(device, new double[] {1, 2, 3}, 1, 3);
        Tensor none = Tensor.of(device, new double[] {}, 0, 2)) {
      assertThrows(IllegalArgumentException.class, () -> ParzenEstimate.of(two, three, 1));
      assertThrows(IllegalArgumentException.class, () -> ParzenEstimate.of(none, two, 1));
      assertThrows(IllegalArgumentException.class, () -> ParzenEstimate.of(two, none, 1));
      assertThrows(IllegalArgumentException.class, () -> ParzenEstimate.of(two, two, 0));
      assertThrows(IllegalArgumentException.class, () -> ParzenEstimate.bestSigma(two, two));
    }
  }
}
