// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LatentPlaneTest {
  /** Of tables, in the middle and far out. */
  @ParameterizedTest
  @CsvSource({
    "0.5, 0",
    "0.6, 0.2533471031",
    "0.84134474607, 1",
    "0.975, 1.9599639845",
    "0.001, -3.0902323062",
    "1e-10, -6.3613409024",
    "1e-20, -9.2623400897"
  })
  void quantilesAreThoseOfTheTables(double p, double z) {
    assertEquals(z, LatentPlane.quantile(p), 1e-6 * Math.max(1, Math.abs(z)));
    if (p > 1e-9) {
      assertEquals(-z, LatentPlane.quantile(1 - p), 1e-6 * Math.max(1, Math.abs(z)));
    }
  }

  @Test
  void theGridGrowsToTheRightAndUpwards() {
    float z = (float) LatentPlane.quantile(5 / 6.0);
    float[] codes = new LatentPlane(3, 2, 0).codes(3);
    assertEquals(27, codes.length);
    assertArrayEquals(new float[] {z, 0, -z}, code(codes, 0), 1e-6f, "top left");
    assertArrayEquals(new float[] {z, 0, z}, code(codes, 2), 1e-6f, "top right");
    assertArrayEquals(new float[] {0, 0, 0}, code(codes, 4), 1e-6f, "middle");
    assertArrayEquals(new float[] {-z, 0, -z}, code(codes, 6), 1e-6f, "bottom left");
  }

  private static float[] code(float[] codes, int at) {
    return java.util.Arrays.copyOfRange(codes, 3 * at, 3 * at + 3);
  }

  @Test
  void unitsMustBeThere() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> new LatentPlane(2, 0, 2));
    assertEquals("Both units of a plane must be in 0 .. 1, got 0 and 2.", e.getMessage());
  }
}
