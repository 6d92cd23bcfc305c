// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.generatrix.binding.Device;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.Test;

class ActiveUnitsTest {
  @Test
  void aUnitIsActiveWhenItsMeanVaries() {
    try (Device device = Device.cpu(1);
        Tensor means = Tensor.of(device, new float[] {5, 0.1f, -1, 5, 0, 2, 5, 0.05f, -1}, 3, 3)) {
      ActiveUnits units = ActiveUnits.of(means);
      assertArrayEquals(new double[] {0, 0.0025, 3}, units.activity(), 1e-6);
      assertEquals(1, units.count());
      assertArrayEquals(new int[] {2, 1, 0}, units.byActivity());
    }
  }

  @Test
  void oneRowHasNoVariance() {
    try (Device device = Device.cpu(1);
        Tensor means = Tensor.zeros(device, 1, 3)) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> ActiveUnits.of(means));
      assertTrue(
          e.getMessage().startsWith("a variance needs means [n, latents] with n at least 2, got "),
          e::getMessage);
    }
  }
}
