// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.generatrix.io.MalformedFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureSetTest {
  private static final Images COLOUR =
      new Images(2, 3, 1, 2, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  private static final Images GREY = new Images(2, 1, 2, new byte[] {1, 2, 3, 4});

  @TempDir Path folder;

  @Test
  void readsColourAndGreyFolders() throws IOException {
    Idx.writeImages(folder.resolve("train-images-idx4-ubyte"), COLOUR);
    Idx.writeImages(folder.resolve("t10k-images.idx4-ubyte.gz"), COLOUR.slice(0, 1));
    PictureSet set = PictureSet.load(folder);
    assertEquals(COLOUR, set.train());
    assertEquals(1, set.test().count());
    assertArrayEquals(
        new int[] {2, 3, 1, 2}, Idx.read(folder.resolve("train-images-idx4-ubyte")).shape());
    // The grey one of three dimensions comes first, as in MNIST's folders.
    Idx.writeImages(folder.resolve("train-images-idx3-ubyte"), GREY);
    Idx.writeImages(folder.resolve("t10k-images-idx3-ubyte"), GREY);
    assertEquals(new PictureSet(GREY, GREY), PictureSet.load(folder));
  }

  @Test
  void oneChannelOfFourDimensionsIsGrey() throws IOException {
    Path file = folder.resolve("a");
    Idx.write(file, IdxArray.ofBytes(new int[] {2, 1, 1, 2}, GREY.pixels()));
    assertEquals(GREY, Idx.readImages(file));
  }

  @Test
  void refusesWhatDoesNotFit() throws IOException {
    IOException missing = assertThrows(IOException.class, () -> PictureSet.load(folder));
    assertTrue(missing.getMessage().contains("train-images.idx4-ubyte.gz"), missing.getMessage());
    assertThrows(IOException.class, () -> PictureSet.load(folder.resolve("none")));
    Idx.writeImages(folder.resolve("train-images-idx4-ubyte"), COLOUR);
    Idx.writeImages(folder.resolve("t10k-images-idx3-ubyte"), GREY);
    assertEquals(
        folder
            + ": expected test images of 3 x 1 x 2 pixels as the training images have, got 1 x 2",
        assertThrows(MalformedFileException.class, () -> PictureSet.load(folder)).getMessage());
    Path two = folder.resolve("two");
    Idx.write(two, IdxArray.ofBytes(new int[] {1, 2, 1, 2}, GREY.pixels()));
    assertEquals(
        two + ": expected images of 1 or 3 channels, got 2",
        assertThrows(MalformedFileException.class, () -> Idx.readImages(two)).getMessage());
    Path five = folder.resolve("five");
    Idx.write(five, IdxArray.ofBytes(new int[] {1, 1, 1, 2, 2}, GREY.pixels()));
    assertThrows(MalformedFileException.class, () -> Idx.readImages(five));
    Path flat = folder.resolve("flat");
    Idx.write(flat, IdxArray.ofBytes(new int[] {1, 3, 0, 2}, new byte[0]));
    assertThrows(MalformedFileException.class, () -> Idx.readImages(flat));
    assertTrue(Files.exists(flat));
  }
}
