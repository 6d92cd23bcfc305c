// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

/** What reading, writing and messages need of strings. */
final class Text {
  private static final int MESSAGE_LENGTH = 40;

  private Text() {}

  /** Index of a surrogate without its other half, which UTF-8 cannot hold, or -1. */
  static int loneSurrogate(CharSequence s) {
    for (int i = 0; i < s.length(); i++) {
      if (!Character.isSurrogate(s.charAt(i))) {
        continue;
      }
      if (i + 1 == s.length() || !Character.isSurrogatePair(s.charAt(i), s.charAt(i + 1))) {
        return i;
      }
      i++;
    }
    return -1;
  }

  /** The beginning of s, short enough for a message; whole surrogate pairs stay whole. */
  static String shorten(String s) {
    if (s.length() <= MESSAGE_LENGTH) {
      return s;
    }
    boolean splitsPair = Character.isHighSurrogate(s.charAt(MESSAGE_LENGTH - 1));
    return s.substring(0, splitsPair ? MESSAGE_LENGTH - 1 : MESSAGE_LENGTH) + "...";
  }

  /** A character for a message: itself in quotes, or its code. */
  static String show(char c) {
    return c > ' ' && c < 127 ? "'" + c + "'" : String.format("U+%04X", (int) c);
  }
}
