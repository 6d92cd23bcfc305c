// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.generatrix.data.Idx;
import org.generatrix.data.Images;

/**
 * Folders of IDX files with little pictures, not square so that a mix-up of height and width shows.
 */
final class TinyData {
  static final int HEIGHT = 6;
  static final int WIDTH = 5;
  static final int UNITS = HEIGHT * WIDTH;
  static final int TRAIN = 60;
  static final int TEST = 20;

  private TinyData() {}

  static Path write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Idx.writeImages(folder.resolve("train-images-idx3-ubyte"), images(TRAIN, 1));
    Idx.writeImages(folder.resolve("t10k-images-idx3-ubyte.gz"), images(TEST, 2));
    return folder;
  }

  /** One bright row or column each, on a dim ground. */
  static Images images(int count, long seed) {
    Random random = new Random(seed);
    byte[] pixels = new byte[count * UNITS];
    for (int i = 0; i < count; i++) {
      boolean row = random.nextBoolean();
      int at = random.nextInt(row ? HEIGHT : WIDTH);
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
          boolean bright = (row ? y : x) == at;
          pixels[i * UNITS + y * WIDTH + x] =
              (byte) (bright ? 200 + random.nextInt(56) : random.nextInt(30));
        }
      }
    }
    return new Images(count, HEIGHT, WIDTH, pixels);
  }
}
