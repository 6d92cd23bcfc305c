// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import java.io.IOException;
import java.nio.file.Path;
import org.generatrix.io.MalformedFileException;

/**
 * Pictures to learn from and pictures to measure on, grey or in colour, without labels.
 *
 * @param train the ones to learn from
 * @param test of the same channels and size
 */
public record PictureSet(Images train, Images test) {
  /**
   * Checks that the parts fit together.
   *
   * @throws IllegalArgumentException when training and test images differ in size or channels
   */
  public PictureSet {
    if (train.channels() != test.channels()
        || train.height() != test.height()
        || train.width() != test.width()) {
      throw new IllegalArgumentException(
          "expected test images of "
              + size(train)
              + " pixels as the training images have, got "
              + size(test));
    }
  }

  /**
   * Reads a folder: {@code train-images} and {@code t10k-images}, each with {@code -idx3-ubyte} for
   * grey pictures [count, height, width] or {@code -idx4-ubyte} for [count, channels, height,
   * width]; the last hyphen group may begin with a dot instead, and {@code .gz} may follow. What
   * {@code gx data} and {@code gx pictures} make is such a folder.
   *
   * @throws MalformedFileException when a file is damaged, or they do not fit together
   * @throws IOException when the folder or a file is missing or cannot be read
   */
  public static PictureSet load(Path folder) throws IOException {
    Mnist.requireFolder(folder);
    Path train = Mnist.find(folder, "train-images", "idx3-ubyte", "idx4-ubyte");
    Path test = Mnist.find(folder, "t10k-images", "idx3-ubyte", "idx4-ubyte");
    try {
      return new PictureSet(Idx.readImages(train), Idx.readImages(test));
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException(folder, e.getMessage());
    }
  }

  private static String size(Images images) {
    return (images.channels() == 1 ? "" : images.channels() + " x ")
        + images.height()
        + " x "
        + images.width();
  }
}
