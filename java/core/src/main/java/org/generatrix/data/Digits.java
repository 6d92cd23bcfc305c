// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * A sample of MNIST that comes with the library: 5,000 training and 1,000 test digits of 28 x 28
 * pixels, 500 and 100 of each class, evenly spaced over the full sets. It serves demonstrations and
 * tests without a network; published figures are about the full set ({@link Mnist}). Origin and
 * licence stand in the resource {@code digits/README.txt}.
 *
 * <p>Each call reads afresh, some milliseconds, and the arrays belong to the caller.
 */
public final class Digits {
  private Digits() {}

  /** The 5,000 training images. */
  public static Images train() {
    return images("train-images-idx3-ubyte.gz");
  }

  /** The 1,000 test images, by other writers than the training images. */
  public static Images test() {
    return images("t10k-images-idx3-ubyte.gz");
  }

  /** The digits 0 to 9 of the training images. */
  public static byte[] trainLabels() {
    return labels("train-labels-idx1-ubyte.gz");
  }

  /** The digits 0 to 9 of the test images. */
  public static byte[] testLabels() {
    return labels("t10k-labels-idx1-ubyte.gz");
  }

  /** All four together. */
  public static Mnist.Split split() {
    return new Mnist.Split(train(), trainLabels(), test(), testLabels());
  }

  private static Images images(String name) {
    try {
      return IdxReader.images(read(name), name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] labels(String name) {
    try {
      return IdxReader.labels(read(name), name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static IdxArray read(String name) throws IOException {
    try (InputStream in = Digits.class.getResourceAsStream("digits/" + name)) {
      if (in == null) {
        throw new FileNotFoundException(
            "the bundled file digits/" + name + " is missing from the jar of Generatrix");
      }
      return IdxReader.read(in, 0, name);
    }
  }
}
