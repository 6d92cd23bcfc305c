// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model;

/** Lists of layer sizes as configurations hold them: "200-200", or "" for no layers. */
public final class LayerSizes {
  private LayerSizes() {}

  /**
   * The sizes of a list.
   *
   * @param name of the setting, for the message
   * @throws IllegalArgumentException if the text is neither empty nor positive numbers joined by
   *     "-"
   */
  public static long[] parse(String name, String text) {
    if (text.isEmpty()) {
      return new long[0];
    }
    String[] parts = text.split("-", -1);
    long[] sizes = new long[parts.length];
    for (int i = 0; i < sizes.length; i++) {
      if (!parts[i].matches("[1-9][0-9]{0,8}")) {
        throw new IllegalArgumentException(
            "%s must be sizes such as 200-100, got \"%s\"".formatted(name, text));
      }
      sizes[i] = Long.parseLong(parts[i]);
    }
    return sizes;
  }

  /** The same sizes from the other end. */
  public static long[] reversed(long... sizes) {
    long[] reversed = new long[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      reversed[i] = sizes[sizes.length - 1 - i];
    }
    return reversed;
  }
}
