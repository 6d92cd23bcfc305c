// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class GridTest {
  private static final TileShape TILE = new TileShape(2, 3);

  @Test
  void everyUnitBecomesASquareOfItsValue() throws IOException {
    Grid grid = Grid.of(2, 1, TILE);
    float[] values = {0f, 0.2f, 0.4f, 0.6f, 0.8f, 1f, 1f, 0f, 1f, 0f, 1f, 0f};
    grid.draw(0, 0, values, 0, Palette.GREY);
    grid.draw(0, 1, values, 6, Palette.GREY);
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(Png.encode(grid.image())));
    int scale = TILE.scale(2); // 8
    assertEquals(2 + 2 * (3 * scale + 2), image.getWidth());
    assertEquals(2 + 2 * scale + 2, image.getHeight());
    for (int tile = 0; tile < 2; tile++) {
      for (int y = 0; y < 2 * scale; y++) {
        for (int x = 0; x < 3 * scale; x++) {
          int grey = Math.round(255 * values[tile * 6 + y / scale * 3 + x / scale]);
          int rgb = image.getRGB(2 + tile * (3 * scale + 2) + x, 2 + y) & 0xffffff;
          assertEquals(grey << 16 | grey << 8 | grey, rgb, "tile " + tile + " at " + x + ", " + y);
        }
      }
    }
  }

  @Test
  void groupsStandFurtherApart() {
    int plain = Grid.grouped(4, 4, TILE, 0, 0).image().getWidth();
    int grouped = Grid.grouped(4, 4, TILE, 2, 0).image().getWidth();
    assertEquals(plain + 6, grouped);
    assertEquals(
        Grid.grouped(4, 4, TILE, 0, 0).image().getHeight() + 6,
        Grid.grouped(4, 4, TILE, 0, 2).image().getHeight());
  }

  @Test
  void aSquareHoldsAllTiles() {
    for (int count : new int[] {1, 2, 3, 4, 5, 10, 99, 100, 101, 400, 1000}) {
      Grid grid = Grid.square(count, TILE);
      assertTrue(
          grid.columns() * grid.rows() >= count && grid.columns() * (grid.rows() - 1) < count,
          "for " + count);
      assertTrue(grid.columns() <= 20);
    }
  }

  @Test
  void maskedUnitsUseTheOtherPalette() {
    Grid grid = Grid.of(1, 1, TILE);
    boolean[] mask = {true, false, true, false, true, false};
    grid.draw(0, 0, new float[6], 0, mask, Palette.GREY, Palette.MISSING);
    int scale = TILE.scale(1);
    assertEquals(0x000000, grid.image().getRGB(2, 2) & 0xffffff);
    assertEquals(Palette.MISSING.rgb(0), grid.image().getRGB(2 + scale, 2) & 0xffffff);
  }

  @Test
  void coloursAreThreePlanes() {
    TileShape colour = new TileShape(1, 2, 3);
    assertEquals(6, colour.units());
    assertEquals("3 x 1 x 2", colour.toString());
    Grid grid = Grid.of(1, 1, colour);
    grid.draw(0, 0, new float[] {1, 0, 0.2f, 0, 0, 1}, 0, Palette.GREY);
    assertEquals(0xff3300, grid.image().getRGB(2, 2) & 0xffffff);
    assertEquals(0x0000ff, grid.image().getRGB(2 + colour.scale(1), 2) & 0xffffff);
    assertThrows(IllegalArgumentException.class, () -> new TileShape(2, 2, 2));
  }

  @Test
  void signedColoursAreSymmetricInLightnessAndTellSignsApart() {
    assertEquals(Palette.SIGNED.rgb(0f), Palette.SIGNED.rgb(-0f));
    int before = -1;
    for (float v = 0.1f; v <= 1f; v += 0.1f) {
      int above = Palette.SIGNED.rgb(v);
      int below = Palette.SIGNED.rgb(-v);
      assertTrue((above >> 16) > (above & 0xff), "positive is warm at " + v);
      assertTrue((below >> 16) < (below & 0xff), "negative is cold at " + v);
      assertTrue(lightness(above) > before, "lightness grows at " + v);
      assertEquals(lightness(above), lightness(below), 40, "both signs are as light at " + v);
      before = lightness(above);
    }
    assertEquals(Palette.SIGNED.rgb(1f), Palette.SIGNED.rgb(7f));
  }

  private static int lightness(int rgb) {
    return (299 * (rgb >> 16) + 587 * (rgb >> 8 & 0xff) + 114 * (rgb & 0xff)) / 1000;
  }

  @Test
  void valuesBeyondTheRangeAreClipped() {
    assertEquals(0x000000, Palette.GREY.rgb(-1f));
    assertEquals(0xffffff, Palette.GREY.rgb(2f));
    assertEquals(0x000000, Palette.GREY.rgb(Float.NaN));
  }

  @Test
  void shapesAreNearSquare() {
    assertEquals(new TileShape(28, 28), TileShape.nearSquare(784));
    assertEquals(new TileShape(3, 4), TileShape.nearSquare(12));
    assertEquals(new TileShape(1, 7), TileShape.nearSquare(7));
    assertThrows(IllegalArgumentException.class, () -> new TileShape(0, 3));
  }

  @Test
  void tilesOutsideTheGridAreRefused() {
    Grid grid = Grid.of(2, 1, TILE);
    assertThrows(
        IllegalArgumentException.class, () -> grid.draw(1, 0, new float[6], 0, Palette.GREY));
    assertThrows(IllegalArgumentException.class, () -> Grid.of(0, 1, TILE));
  }
}
