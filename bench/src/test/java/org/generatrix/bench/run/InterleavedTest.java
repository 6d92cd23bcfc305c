// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.generatrix.bench.Contender;
import org.junit.jupiter.api.Test;

class InterleavedTest {
  private static final Interleaved.Plan PLAN = new Interleaved.Plan(2, 2, 1, 1000);

  /** Takes at least so long: parking may return early, so it goes on until the time is over. */
  private static void last(long millis) {
    long end = System.nanoTime() + millis * 1_000_000;
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  @Test
  void timesAreInTheOrderOfTheContenders() {
    List<Statistics> times =
        Interleaved.measure(
            List.of(new Contender("slow", () -> last(60)), new Contender("fast", () -> last(1))),
            PLAN);
    assertEquals(2, times.size());
    assertEquals(2, times.get(0).count());
    assertTrue(times.get(0).median() >= 60, "a call of 60 ms took " + times.get(0).median());
    assertTrue(times.get(1).median() >= 1, "a call of 1 ms took " + times.get(1).median());
  }

  @Test
  void timesArePerUnitOfABatch() {
    Contender hundred = new Contender("100 units", () -> last(50), 100);
    double time = Interleaved.measure(List.of(hundred), PLAN).get(0).median();
    assertTrue(time >= 0.5 && time < 50, "0.5 ms per unit took " + time);
  }

  @Test
  void longCallsAreRepeatedAsOftenAsTheBudgetAllows() {
    Interleaved.Plan plan = new Interleaved.Plan(21, 5, 30, 30_000);
    assertEquals(21, plan.repeatsFor(0.1));
    assertEquals(21, plan.repeatsFor(1000));
    assertEquals(15, plan.repeatsFor(2000));
    assertEquals(5, plan.repeatsFor(60_000));
  }

  @Test
  void theFastestVariantIsChosen() {
    Contender slow = new Contender("slow", () -> last(250));
    Contender fast = new Contender("fast", () -> last(1));
    assertSame(fast, Interleaved.fastest(List.of(slow, fast)));
    assertSame(slow, Interleaved.fastest(List.of(slow)));
  }

  @Test
  void nonsensePlansAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Interleaved.Plan(0, 0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Interleaved.Plan(2, 3, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Interleaved.Plan(1, 1, Double.NaN, 1));
    assertThrows(IllegalArgumentException.class, () -> new Contender("none", () -> {}, 0));
  }
}
