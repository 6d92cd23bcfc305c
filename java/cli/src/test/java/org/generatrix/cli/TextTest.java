// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Under a locale that writes numbers differently. */
class TextTest {
  private final Locale before = Locale.getDefault();

  @BeforeEach
  void german() {
    Locale.setDefault(Locale.GERMANY);
  }

  @AfterEach
  void restore() {
    Locale.setDefault(before);
  }

  @Test
  void durations() {
    assertEquals("0.0 s", Text.duration(0.01));
    assertEquals("9.9 s", Text.duration(9.94));
    assertEquals("10 s", Text.duration(9.95));
    assertEquals("1 min 00 s", Text.duration(59.6));
    assertEquals("59 min 59 s", Text.duration(3599));
    assertEquals("2 h 05 min", Text.duration(7500));
    assertEquals("?", Text.duration(Double.NaN));
  }

  @Test
  void numbers() {
    assertEquals("0", Text.number(0));
    assertEquals("0.05", Text.number(0.05));
    assertEquals("0.0005", Text.number(0.0005));
    assertEquals("1.000e-07", Text.number(1e-7));
    assertEquals("1.5", Text.number(1.5));
    assertEquals("-0.25", Text.number(-0.25));
    assertEquals("123.5", Text.number(123.4567));
    assertEquals("14500", Text.number(14500));
    assertEquals("1,234,567", Text.count(1234567));
  }

  @Test
  void bytes() {
    assertEquals("999 B", Text.bytes(999));
    assertEquals("1.0 kB", Text.bytes(1000));
    assertEquals("25.3 GB", Text.bytes(25_300_000_000L));
  }

  @Test
  void nats() {
    assertEquals("-84.86", Text.nats(-84.861));
    assertEquals("-infinity", Text.nats(Double.NEGATIVE_INFINITY));
    assertEquals("not measured", Text.nats(Double.NaN));
  }
}
