// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InterruptTest {
  private final Interrupt interrupt = Interrupt.manual();
  private final List<String> calls = new ArrayList<>();

  @Test
  void theLatestPhaseHearsOfIt() {
    interrupt.graceful(() -> calls.add("loading"));
    interrupt.graceful(() -> calls.add("training"));
    interrupt.request();
    assertEquals(List.of("training"), calls);
  }

  @Test
  void aPhaseThatBeginsAfterwardsHearsOfItAtOnce() {
    interrupt.request();
    interrupt.graceful(() -> calls.add("training"));
    assertEquals(List.of("training"), calls);
  }

  @Test
  void whatCannotBeStoppedInGoodOrderIsNotBegun() {
    assertTrue(interrupt.immediate(() -> calls.add("measuring")));
    interrupt.request();
    assertEquals(List.of("measuring"), calls);
    assertFalse(interrupt.immediate(() -> calls.add("measuring again")));
    assertEquals(List.of("measuring"), calls);
  }
}
