// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.generatrix.model.ConfigJson;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  /** The schedule as a component: configurations are records. */
  public record Holder(Schedule schedule) {}

  private static void assertRates(Schedule schedule, double... expected) {
    for (int step = 0; step < expected.length; step++) {
      assertEquals(expected[step], schedule.at(step), 1e-15, schedule + " at " + step);
    }
    Holder holder = new Holder(schedule);
    assertEquals(holder, ConfigJson.read(Holder.class, ConfigJson.write(holder)));
  }

  @Test
  void eachFollowsItsFormula() {
    assertRates(Schedule.constant(0.1), 0.1, 0.1, 0.1);
    assertRates(Schedule.linear(1, 0.5, 4), 1, 0.875, 0.75, 0.625, 0.5, 0.5);
    assertRates(Schedule.linear(0, 1, 2), 0, 0.5, 1, 1);
    double r = Math.sqrt(0.5);
    assertRates(Schedule.cosine(1, 0, 4), 1, (1 + r) / 2, 0.5, (1 - r) / 2, 0, 0);
    assertRates(Schedule.cosine(3, 1, 2), 3, 2, 1, 1);
    assertRates(Schedule.stairs(1, 0.1, 2), 1, 1, 0.1, 0.1, 0.01);
    assertRates(Schedule.exponential(1, 0.25, 2), 1, 0.5, 0.25, 0.125);
  }

  @Test
  void theyCompose() {
    assertRates(Schedule.constant(1).warmUp(3), 0.25, 0.5, 0.75, 1, 1);
    assertRates(Schedule.linear(1, 0, 2).warmUp(1), 0.5, 1, 0.5, 0, 0);
    assertRates(
        Schedule.pieces(
            new Schedule.Piece(2, Schedule.constant(5)),
            new Schedule.Piece(2, Schedule.linear(4, 0, 4)),
            new Schedule.Piece(1, Schedule.constant(1))),
        5,
        5,
        4,
        3,
        1,
        1,
        1);
  }

  @Test
  void farStepsAreFine() {
    assertEquals(0.5, Schedule.linear(1, 0.5, Long.MAX_VALUE / 4).at(Long.MAX_VALUE));
    assertEquals(0, Schedule.stairs(1, 0.5, 1).at(Long.MAX_VALUE));
  }

  @Test
  void nonsenseIsRefused() {
    List<Runnable> calls =
        List.of(
            () -> Schedule.constant(-1),
            () -> Schedule.constant(Double.NaN),
            () -> Schedule.linear(-1, 0, 1),
            () -> Schedule.linear(0, -1, 1),
            () -> Schedule.linear(0, 0, 0),
            () -> Schedule.cosine(-1, 0, 1),
            () -> Schedule.cosine(0, -1, 1),
            () -> Schedule.cosine(0, 0, 0),
            () -> Schedule.stairs(-1, 1, 1),
            () -> Schedule.stairs(1, -1, 1),
            () -> Schedule.stairs(1, 1, 0),
            () -> Schedule.exponential(-1, 1, 1),
            () -> Schedule.exponential(1, -1, 1),
            () -> Schedule.exponential(1, 1, 0),
            () -> Schedule.constant(1).warmUp(0),
            () -> Schedule.pieces(),
            () -> new Schedule.Piece(0, Schedule.constant(1)));
    calls.forEach(call -> assertThrows(IllegalArgumentException.class, call::run));
    assertThrows(NullPointerException.class, () -> new Schedule.Piece(1, null));
    assertThrows(NullPointerException.class, () -> new Schedule.WarmUp(1, null));
  }
}
