// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.generatrix.data.Digits;
import org.generatrix.data.Images;
import org.generatrix.data.Mnist;

/**
 * 60,000 digits to time an epoch on: MNIST where it has been fetched, else the bundled digits over
 * and over, which take as long.
 *
 * @param intensities [ROWS][pixels], in [0, 1]
 * @param origin which of the two
 */
public record BenchDigits(float[] intensities, int pixels, String origin) {
  public static final int ROWS = 60_000;
  private static final Path MNIST = Path.of("data", "mnist");

  public static BenchDigits load() {
    if (!Files.isDirectory(MNIST)) {
      return of(Digits.train(), "bundled digits, repeated");
    }
    try {
      return of(Mnist.load(MNIST).train(), "MNIST");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static BenchDigits of(Images images, String origin) {
    int pixels = images.size();
    float[] some = images.intensities();
    float[] all = new float[ROWS * pixels];
    for (int filled = 0; filled < all.length; filled += some.length) {
      System.arraycopy(some, 0, all, filled, Math.min(some.length, all.length - filled));
    }
    return new BenchDigits(all, pixels, origin);
  }

  /** Ones where the ink is at least one half. */
  public float[] thresholded() {
    float[] ones = new float[intensities.length];
    for (int i = 0; i < ones.length; i++) {
      ones[i] = intensities[i] >= 0.5f ? 1 : 0;
    }
    return ones;
  }
}
