// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.generatrix.io.MalformedFileException;

/**
 * A folder with the four IDX files of MNIST, or of any set in its form: Fashion-MNIST, KMNIST, or
 * one's own. {@code gx data} fetches the first two. A set without labels, or in colour, is a {@link
 * PictureSet}.
 */
public final class Mnist {
  private Mnist() {}

  /**
   * Training and test data with their labels.
   *
   * @param trainLabels one per training image
   * @param testLabels one per test image
   */
  public record Split(Images train, byte[] trainLabels, Images test, byte[] testLabels) {
    /**
     * Checks that the parts fit together.
     *
     * @throws IllegalArgumentException when labels and images differ in number or training and test
     *     images in size
     */
    public Split {
      requireEqual("training", train, trainLabels);
      requireEqual("test", test, testLabels);
      new PictureSet(train, test);
    }

    private static void requireEqual(String what, Images images, byte[] labels) {
      if (images.count() != labels.length) {
        throw new IllegalArgumentException(
            "expected "
                + images.count()
                + " "
                + what
                + " labels, one per image, got "
                + labels.length);
      }
    }
  }

  /**
   * Reads a folder. The files are {@code train-images-idx3-ubyte}, {@code train-labels-idx1-ubyte},
   * {@code t10k-images-idx3-ubyte} and {@code t10k-labels-idx1-ubyte}; the last hyphen group may
   * begin with a dot instead ({@code train-images.idx3-ubyte}) and {@code .gz} may follow. Where
   * several are there, the first in that order is read.
   *
   * @throws MalformedFileException when a file is damaged, or they do not fit together
   * @throws IOException when the folder or a file is missing (the message names what was looked
   *     for) or cannot be read
   */
  public static Split load(Path folder) throws IOException {
    requireFolder(folder);
    // All four are looked up before the first is read: what is missing shows at once.
    Path trainImages = find(folder, "train-images", "idx3-ubyte");
    Path trainLabels = find(folder, "train-labels", "idx1-ubyte");
    Path testImages = find(folder, "t10k-images", "idx3-ubyte");
    Path testLabels = find(folder, "t10k-labels", "idx1-ubyte");
    try {
      return new Split(
          Idx.readImages(trainImages),
          Idx.readLabels(trainLabels),
          Idx.readImages(testImages),
          Idx.readLabels(testLabels));
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException(folder, e.getMessage());
    }
  }

  static void requireFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException(
          "expected a folder of IDX files at "
              + folder
              + ", found "
              + (Files.exists(folder) ? "a file" : "nothing"));
    }
  }

  static Path find(Path folder, String name, String... types) throws IOException {
    List<String> candidates = new ArrayList<>();
    for (String type : types) {
      for (String separator : List.of("-", ".")) {
        for (String suffix : List.of("", ".gz")) {
          candidates.add(name + separator + type + suffix);
        }
      }
    }
    for (String candidate : candidates) {
      if (Files.isRegularFile(folder.resolve(candidate))) {
        return folder.resolve(candidate);
      }
    }
    throw new IOException(
        "expected one of " + String.join(", ", candidates) + " in " + folder + ", found none");
  }
}
