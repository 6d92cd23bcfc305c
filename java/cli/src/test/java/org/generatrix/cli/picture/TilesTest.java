// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** Tiles of one pixel, 8 times magnified, so that every value can be found again. */
class TilesTest {
  private static final TileShape DOT = new TileShape(1, 1);
  private static final int SCALE = 8;

  private static BufferedImage read(byte[] png) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(png));
  }

  /** The grey level of a tile. */
  private static int level(BufferedImage image, int row, int column, int gaps) {
    return image.getRGB(
            2 + column * (SCALE + 2) + SCALE / 2, 2 + row * (SCALE + 2) + 6 * gaps + SCALE / 2)
        & 0xff;
  }

  @Test
  void squaresGoRowByRow() throws IOException {
    BufferedImage image = read(Tiles.square(new float[] {0, 0.2f, 0.4f, 0.6f, 0.8f, 1}, DOT));
    assertEquals(2 + 3 * (SCALE + 2), image.getWidth());
    assertEquals(2 + 2 * (SCALE + 2), image.getHeight());
    assertEquals(0, level(image, 0, 0, 0));
    assertEquals(102, level(image, 0, 2, 0));
    assertEquals(153, level(image, 1, 0, 0));
    assertEquals(255, level(image, 1, 2, 0));
  }

  @Test
  void rowsHaveTheColumnsAskedFor() throws IOException {
    BufferedImage image = read(Tiles.rows(new float[] {0, 0.2f, 0.4f, 0.6f, 0.8f, 1}, 2, DOT));
    assertEquals(2 + 2 * (SCALE + 2), image.getWidth());
    assertEquals(2 + 3 * (SCALE + 2), image.getHeight());
    assertEquals(255, level(image, 2, 1, 0));
  }

  @Test
  void groupsStandApart() throws IOException {
    float[] first = {1, 0.8f, 0.6f};
    float[] second = {0, 0.2f, 0.4f};
    BufferedImage image = read(Tiles.groups(List.of(first, second), 2, DOT));
    assertEquals(2 + 2 * (SCALE + 2), image.getWidth());
    assertEquals(2 + 4 * (SCALE + 2) + 6, image.getHeight());
    assertEquals(153, level(image, 1, 0, 0));
    assertEquals(0, level(image, 2, 0, 1));
    assertEquals(102, level(image, 3, 0, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> Tiles.groups(List.of(first, new float[] {1}), 2, DOT));
  }

  @Test
  void versionsStandUnderEachOther() throws IOException {
    float[] above = {1, 0.8f, 0.6f};
    float[] below = {0, 0.2f, 0.4f};
    BufferedImage image = read(Tiles.bands(List.of(above, below), 2, DOT));
    assertEquals(2 + 4 * (SCALE + 2) + 6, image.getHeight(), "a gap between the bands");
    assertEquals(255, level(image, 0, 0, 0));
    assertEquals(51, level(image, 1, 1, 0));
    assertEquals(153, level(image, 2, 0, 1));
    assertEquals(102, level(image, 3, 0, 1));
  }

  @Test
  void waysLeadFromOnePictureToAnother() throws IOException {
    float[] between = {0.8f, 0.6f, 0.2f, 0.4f};
    BufferedImage image =
        read(Tiles.ways(new float[] {1, 0}, between, new float[] {0.4f, 0.6f}, DOT));
    assertEquals(2 + 4 * (SCALE + 2) + 2 * 6, image.getWidth(), "both ends stand apart");
    assertEquals(2 + 2 * (SCALE + 2), image.getHeight());
    int[] lefts = {2, 18, 28, 44};
    int[][] levels = {{255, 204, 153, 102}, {0, 51, 102, 153}};
    for (int row = 0; row < 2; row++) {
      for (int column = 0; column < 4; column++) {
        int rgb = image.getRGB(lefts[column] + SCALE / 2, 2 + row * (SCALE + 2) + SCALE / 2);
        assertEquals(levels[row][column], rgb & 0xff, row + ", " + column);
      }
    }
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Tiles.ways(new float[2], new float[3], new float[2], DOT));
    assertEquals(
        "Each of 2 ways needs its end and equally many steps, got 2 ends and 3 steps.",
        e.getMessage());
  }

  @Test
  void whatDoesNotFitIsRefused() {
    TileShape pair = new TileShape(1, 2);
    for (float[] wrong : new float[][] {{}, {1, 2, 3}}) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> Tiles.square(wrong, pair));
      assertEquals(
          "Pictures of 1 x 2 pixels need a multiple of 2 values, got " + wrong.length + ".",
          e.getMessage());
    }
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Tiles.bands(List.of(new float[2], new float[3]), 2, DOT));
    assertEquals("Each version must have 2 pictures, got 3.", e.getMessage());
  }
}
