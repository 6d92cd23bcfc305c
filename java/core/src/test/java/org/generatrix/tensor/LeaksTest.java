// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.generatrix.binding.Device;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeaksTest {
  private final boolean before = Leaks.isTracking();

  @BeforeEach
  void on() {
    Leaks.track(true);
  }

  @AfterEach
  void asItWas() {
    Leaks.track(before);
  }

  @Test
  void namesTheAllocationSiteOfWhatIsOpen() {
    try (Device device = Device.cpu(1)) {
      int open = Leaks.open();
      Tensor tensor = Tensor.zeros(device, 777);
      assertEquals(open + 1, Leaks.open());
      String line = line("3108 bytes");
      assertTrue(line.contains(", open, allocated at org.generatrix.tensor.LeaksTest.names"), line);
      tensor.close();
      assertEquals(open, Leaks.open());
      assertFalse(Leaks.report().contains("3108 bytes"));
    }
  }

  @Test
  void reportsAndFreesWhatWasDropped() throws Exception {
    try (Device device = Device.cpu(1)) {
      drop(device);
      long end = System.nanoTime() + 20_000_000_000L;
      while (device.memory().live() > 0 && System.nanoTime() < end) {
        System.gc();
        Thread.sleep(10);
      }
      assertEquals(0, device.memory().live());
      String line = line("2220 bytes");
      assertTrue(line.contains("dropped without a close, allocated at"), line);
      assertTrue(line.contains("LeaksTest.drop("), line);
    }
  }

  private static void drop(Device device) {
    assertFalse(Tensor.zeros(device, 555).isClosed());
  }

  private static String line(String start) {
    return Leaks.report()
        .lines()
        .filter(l -> l.startsWith(start))
        .findFirst()
        .orElse("none in:\n" + Leaks.report());
  }
}
