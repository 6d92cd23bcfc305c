// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class BinarisationTest {
  @Test
  void idsLeadBack() {
    for (Binarisation b : Binarisation.values()) {
      assertSame(b, Binarisation.of(b.id()));
    }
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Binarisation.of("THRESHOLD"));
    assertEquals(
        "expected a binarisation of threshold, resampled or intensities, got THRESHOLD",
        e.getMessage());
  }

  /** The threshold is at 128 of 255: float division must not move a byte over it. */
  @Test
  void theThresholdIsBetween127And128() {
    float[] values = new Images(1, 1, 2, new byte[] {127, (byte) 128}).intensities();
    assertEquals(false, values[0] >= Binarisation.THRESHOLD_AT);
    assertEquals(true, values[1] >= Binarisation.THRESHOLD_AT);
  }
}
