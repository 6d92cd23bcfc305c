// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.generatrix.binding.Device;
import org.junit.jupiter.api.Test;

class ScopeTest {
  @Test
  void closesLastFirst() {
    List<Integer> order = new ArrayList<>();
    try (Scope scope = new Scope()) {
      scope.own(() -> order.add(1));
      scope.own(() -> order.add(2));
      scope.own(() -> order.add(3));
    }
    assertEquals(List.of(3, 2, 1), order);
  }

  @Test
  void whatIsReleasedStaysOpen() {
    try (Device device = Device.cpu(1)) {
      Tensor kept;
      Tensor closed;
      try (Scope scope = new Scope()) {
        closed = scope.own(Tensor.zeros(device, 3));
        kept = scope.own(Tensor.zeros(device, 3));
        assertSame(kept, scope.release(kept));
        assertThrows(IllegalArgumentException.class, () -> scope.release(kept));
      }
      assertTrue(closed.isClosed());
      assertFalse(kept.isClosed());
      kept.close();
      assertEquals(0, device.memory().live());
    }
  }

  @Test
  void aFailureDoesNotStopTheOthers() {
    List<Integer> order = new ArrayList<>();
    Scope scope = new Scope();
    scope.own(() -> order.add(1));
    scope.own(
        () -> {
          throw new IOException("second");
        });
    scope.own(
        () -> {
          throw new IllegalArgumentException("first");
        });
    Exception e = assertThrows(IllegalArgumentException.class, scope::close);
    assertEquals("first", e.getMessage());
    assertEquals("second", e.getSuppressed()[0].getCause().getMessage());
    assertEquals(List.of(1), order);
    scope.close();
  }

  @Test
  void aClosedScopeClosesWhatItIsGiven() {
    Scope scope = new Scope();
    scope.close();
    List<Integer> closed = new ArrayList<>();
    assertThrows(IllegalStateException.class, () -> scope.own(() -> closed.add(1)));
    assertEquals(List.of(1), closed);
  }
}
