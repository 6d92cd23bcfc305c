// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.generatrix.io.MalformedFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MnistTest {
  private static final Images TRAIN = new Images(2, 1, 2, new byte[] {1, 2, 3, 4});
  private static final Images TEST = new Images(1, 1, 2, new byte[] {5, 6});

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"-, ''", "-, .gz", "., ''", "., .gz"})
  void findsTheUsualNames(String separator, String suffix) throws IOException {
    write(separator, suffix);
    Mnist.Split split = Mnist.load(folder);
    assertEquals(TRAIN, split.train());
    assertEquals(TEST, split.test());
    assertArrayEquals(new byte[] {7, 8}, split.trainLabels());
    assertArrayEquals(new byte[] {9}, split.testLabels());
  }

  @Test
  void readsTheFirstOfSeveral() throws IOException {
    write(".", ".gz");
    Idx.writeImages(
        folder.resolve("t10k-images-idx3-ubyte.gz"), new Images(1, 1, 2, new byte[] {0, 0}));
    assertEquals(new Images(1, 1, 2, new byte[] {0, 0}), Mnist.load(folder).test());
    Idx.writeImages(folder.resolve("t10k-images-idx3-ubyte"), TEST);
    assertEquals(TEST, Mnist.load(folder).test());
  }

  @Test
  void namesWhatItLookedFor() throws IOException {
    write("-", "");
    Files.delete(folder.resolve("t10k-labels-idx1-ubyte"));
    IOException e = assertThrows(IOException.class, () -> Mnist.load(folder));
    assertEquals(
        "expected one of t10k-labels-idx1-ubyte, t10k-labels-idx1-ubyte.gz, t10k-labels.idx1-ubyte,"
            + " t10k-labels.idx1-ubyte.gz in "
            + folder
            + ", found none",
        e.getMessage());
  }

  @Test
  void refusesAMissingFolder() throws IOException {
    Path missing = folder.resolve("missing");
    assertEquals(
        "expected a folder of IDX files at " + missing + ", found nothing",
        assertThrows(IOException.class, () -> Mnist.load(missing)).getMessage());
    Files.createFile(missing);
    assertEquals(
        "expected a folder of IDX files at " + missing + ", found a file",
        assertThrows(IOException.class, () -> Mnist.load(missing)).getMessage());
  }

  @Test
  void refusesPartsThatDoNotFit() throws IOException {
    write("-", "");
    Idx.writeLabels(folder.resolve("train-labels-idx1-ubyte"), new byte[3]);
    assertMismatch("expected 2 training labels, one per image, got 3");
    write("-", "");
    Idx.writeLabels(folder.resolve("t10k-labels-idx1-ubyte"), new byte[0]);
    assertMismatch("expected 1 test labels, one per image, got 0");
    write("-", "");
    Idx.writeImages(folder.resolve("t10k-images-idx3-ubyte"), new Images(1, 2, 1, new byte[2]));
    assertMismatch("expected test images of 1 x 2 pixels as the training images have, got 2 x 1");
  }

  private void assertMismatch(String problem) {
    assertEquals(
        folder + ": " + problem,
        assertThrows(MalformedFileException.class, () -> Mnist.load(folder)).getMessage());
  }

  private void write(String separator, String suffix) throws IOException {
    Idx.writeImages(folder.resolve("train-images" + separator + "idx3-ubyte" + suffix), TRAIN);
    Idx.writeLabels(
        folder.resolve("train-labels" + separator + "idx1-ubyte" + suffix), new byte[] {7, 8});
    Idx.writeImages(folder.resolve("t10k-images" + separator + "idx3-ubyte" + suffix), TEST);
    Idx.writeLabels(
        folder.resolve("t10k-labels" + separator + "idx1-ubyte" + suffix), new byte[] {9});
  }
}
