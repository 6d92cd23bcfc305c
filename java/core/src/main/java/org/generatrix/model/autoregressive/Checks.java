// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

/** Sizes of networks. */
final class Checks {
  private Checks() {}

  static void atLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "%s must be at least %d, got %d".formatted(name, least, value));
    }
  }

  static void odd(String name, int value) {
    if (value < 1 || value % 2 == 0 || value > 15) {
      throw new IllegalArgumentException(name + " must be odd and in [1, 15], got " + value);
    }
  }

  /** Red, green and blue each have their own channels. */
  static void perColour(String name, int value, ImageShape image) {
    atLeast(name, value, 1);
    if (value % image.channels() != 0) {
      throw new IllegalArgumentException(
          "%s must be a multiple of the image's %d channels, got %d"
              .formatted(name, image.channels(), value));
    }
  }
}
