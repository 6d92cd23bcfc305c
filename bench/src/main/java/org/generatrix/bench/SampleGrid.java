// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import org.generatrix.data.Images;

/** Pictures side by side, in as many rows as columns, as a PNG file. */
final class SampleGrid {
  private static final int SCALE = 2; // screen pixels of a pixel
  private static final int GAP = 2;
  private static final int GROUND = 0x808080;

  private SampleGrid() {}

  static byte[] png(Images images) {
    int across = Math.max(1, (int) Math.ceil(Math.sqrt(images.count())));
    int down = Math.max(1, (images.count() + across - 1) / across);
    int cellWidth = SCALE * images.width() + GAP;
    int cellHeight = SCALE * images.height() + GAP;
    BufferedImage grid =
        new BufferedImage(
            across * cellWidth + GAP, down * cellHeight + GAP, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < grid.getHeight(); y++) {
      for (int x = 0; x < grid.getWidth(); x++) {
        int column = (x - GAP) / cellWidth;
        int row = (y - GAP) / cellHeight;
        int i = (x - GAP - column * cellWidth) / SCALE;
        int j = (y - GAP - row * cellHeight) / SCALE;
        boolean inside =
            x >= GAP
                && y >= GAP
                && i < images.width()
                && j < images.height()
                && row * across + column < images.count();
        grid.setRGB(x, y, inside ? rgb(images, row * across + column, j, i) : GROUND);
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.setUseCache(false);
      ImageIO.write(grid, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a byte array cannot fail
    }
    return bytes.toByteArray();
  }

  private static int rgb(Images images, int image, int y, int x) {
    int rgb = 0;
    for (int c = 0; c < 3; c++) {
      int plane = images.channels() == 1 ? 0 : c;
      int at = image * images.size() + (plane * images.height() + y) * images.width() + x;
      rgb = rgb << 8 | images.pixels()[at] & 0xff;
    }
    return rgb;
  }
}
