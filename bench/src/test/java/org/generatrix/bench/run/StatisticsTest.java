// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class StatisticsTest {
  @Test
  void medianAndDeviationOfAnOddCount() {
    Statistics of = Statistics.of(9, 1, 3, 100, 4);
    assertEquals(new Statistics(4, 3, 5), of); // deviations 5 3 1 96 0
    assertEquals(0.75, of.spread());
  }

  @Test
  void medianOfAnEvenCountIsTheMeanOfTheMiddleTwo() {
    assertEquals(new Statistics(2.5, 1, 4), Statistics.of(4, 1, 3, 2)); // deviations 1.5 1.5 .5 .5
  }

  @Test
  void oneValueHasNoSpread() {
    assertEquals(new Statistics(7, 0, 1), Statistics.of(7));
    assertEquals(0, Statistics.of(0, 0).spread());
  }

  @Test
  void theInputStaysAsItWas() {
    double[] values = {3, 1, 2};
    Statistics.of(values);
    assertEquals(3, values[0]);
  }

  @Test
  void nothingAndNoNumberAreRefused() {
    assertThrows(IllegalArgumentException.class, Statistics::of);
    assertThrows(IllegalArgumentException.class, () -> Statistics.of(1, Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> Statistics.of(Double.POSITIVE_INFINITY));
  }
}
