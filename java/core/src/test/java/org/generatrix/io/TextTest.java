// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TextTest {
  private static final String SMILE = "\ud83d\ude00";

  @Test
  void shortensBetweenCharacters() {
    assertEquals("x".repeat(40), Text.shorten("x".repeat(40)));
    assertEquals("x".repeat(40) + "...", Text.shorten("x".repeat(41)));
    assertEquals("x".repeat(39) + "...", Text.shorten("x".repeat(39) + SMILE));
    assertEquals("x".repeat(38) + SMILE + "...", Text.shorten("x".repeat(38) + SMILE + "y"));
  }

  @Test
  void findsLoneSurrogates() {
    assertEquals(-1, Text.loneSurrogate("a" + SMILE + SMILE));
    assertEquals(1, Text.loneSurrogate("a\ud83d"));
    assertEquals(3, Text.loneSurrogate("a" + SMILE + "\ude00" + SMILE));
  }

  @Test
  void showsWhatCannotBeSeen() {
    assertEquals("'a'", Text.show('a'));
    assertEquals("U+0020", Text.show(' '));
    assertEquals("U+00E9", Text.show('\u00e9'));
  }
}
