// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BarRendererTest {
  private final BarRenderer ascii = new BarRenderer(false);

  @Test
  void itFitsTheLineAndSaysWhatMatters() {
    String line = ascii.render(50_000, 0, 200_000, 4, "epoch 11/40  pl -114.5", 80);
    assertEquals(80, line.length(), line);
    assertTrue(
        line.matches(
            "training =+\\.+  25 %  12,500 samples/s  12 s left  epoch 11/40  pl -114\\.5"),
        line);
  }

  @Test
  void theFilledPartIsTheShare() {
    for (long current = 0; current <= 40; current++) {
      String line = ascii.render(current, 0, 40, 1, "", 200).split(" ")[1];
      assertEquals(current, line.chars().filter(c -> c == '=').count(), line);
      assertEquals(40 - current, line.chars().filter(c -> c == '.').count(), line);
    }
  }

  @Test
  void aResumedRunCountsItsOwnRate() {
    String line = ascii.render(150, 100, 200, 10, "", 120);
    assertTrue(line.contains("  75 %  5 samples/s  10 s left"), line);
  }

  @Test
  void nothingIsPromisedBeforeTheFirstSample() {
    String line = ascii.render(0, 0, 200, 0, "", 120);
    assertTrue(line.contains("   0 %  0 samples/s") && !line.contains("left"), line);
  }

  @Test
  void aNarrowTerminalGetsWhatFits() {
    assertEquals(20, ascii.render(1, 0, 2, 1, "epoch 1/2", 20).length());
  }
}
