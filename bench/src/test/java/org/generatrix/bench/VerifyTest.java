// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class VerifyTest {
  @Test
  void valuesWithinTheTolerancePass() {
    Verify.close("x", 1.0, 1.1, 0.2);
    Verify.close("x", new float[] {9, 1, 2}, 1, new double[] {1, 2}, 0);
    Verify.close("x", new float[] {1, 2}, new float[] {1, 2}, 0);
  }

  @Test
  void wrongValuesNamePlaceAndBothValues() {
    AssertionError error =
        assertThrows(
            AssertionError.class,
            () -> Verify.close("x", new float[] {1, 5}, new float[] {1, 2}, 0.5));
    assertTrue(error.getMessage().contains("x[1]: expected 2"), error.getMessage());
    assertTrue(error.getMessage().contains("got 5"), error.getMessage());
  }

  @Test
  void notANumberFails() {
    assertThrows(AssertionError.class, () -> Verify.close("x", Double.NaN, 1, 10));
    assertThrows(AssertionError.class, () -> Verify.close("x", 1, Double.NaN, 10));
    assertThrows(AssertionError.class, () -> Verify.close("x", 1, 1, Double.NaN));
  }

  @Test
  void otherLengthsFail() {
    assertThrows(AssertionError.class, () -> Verify.close("x", new float[2], new float[3], 1));
  }

  @Test
  void drawsMustFitTheirProbabilities() {
    float[] p = new float[1000];
    float[] sample = new float[1000];
    Arrays.fill(p, 0.5f);
    for (int i = 0; i < sample.length; i++) {
      sample[i] = i % 2;
    }
    Verify.drawn("v", sample, p);
    Arrays.fill(p, 0.3f);
    assertThrows(AssertionError.class, () -> Verify.drawn("v", sample, p));
    Arrays.fill(p, 0.5f);
    sample[3] = 0.5f;
    assertThrows(AssertionError.class, () -> Verify.drawn("v", sample, p));
  }
}
