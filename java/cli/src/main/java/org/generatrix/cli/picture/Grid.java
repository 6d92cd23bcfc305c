// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.picture;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * A picture of equally sized tiles in rows and columns, magnified by whole pixels so that every
 * unit of a model stays a sharp square. Extra space can be put after a column or row, to show what
 * belongs together.
 */
public final class Grid {
  /** Between tiles: dark enough to vanish beside digits, light enough to separate them. */
  private static final int GUTTER_RGB = 0x33383f;

  private static final int GUTTER = 2;
  private static final int GROUP_GAP = 8;

  private final int columns;
  private final int rows;
  private final int tileHeight;
  private final int tileWidth;
  private final int channels;
  private final int scale;
  private final int[] left;
  private final int[] top;
  private final BufferedImage image;

  private Grid(int columns, int rows, TileShape tile, IntPredicate columnGap, IntPredicate rowGap) {
    if (columns < 1 || rows < 1) {
      throw new IllegalArgumentException(
          "A grid needs at least 1 column and 1 row, got " + columns + " x " + rows + ".");
    }
    this.columns = columns;
    this.rows = rows;
    this.tileHeight = tile.height();
    this.tileWidth = tile.width();
    this.channels = tile.channels();
    this.scale = tile.scale(columns);
    this.left = edges(columns, tileWidth * scale, columnGap);
    this.top = edges(rows, tileHeight * scale, rowGap);
    this.image = new BufferedImage(left[columns], top[rows], BufferedImage.TYPE_INT_RGB);
    int[] background = new int[image.getWidth()];
    Arrays.fill(background, GUTTER_RGB);
    for (int y = 0; y < image.getHeight(); y++) {
      image.setRGB(0, y, background.length, 1, background, 0, background.length);
    }
  }

  /** A grid of plain rows and columns. */
  public static Grid of(int columns, int rows, TileShape tile) {
    return grouped(columns, rows, tile, 0, 0);
  }

  /**
   * A grid with wider gaps after each {@code columnGroup} columns and {@code rowGroup} rows; 0
   * means no groups.
   */
  public static Grid grouped(int columns, int rows, TileShape tile, int columnGroup, int rowGroup) {
    return new Grid(columns, rows, tile, every(columnGroup), every(rowGroup));
  }

  private static IntPredicate every(int group) {
    return i -> group > 0 && (i + 1) % group == 0;
  }

  /** A grid whose first and last columns stand apart. */
  public static Grid framed(int columns, int rows, TileShape tile) {
    return new Grid(columns, rows, tile, i -> i == 0 || i == columns - 2, i -> false);
  }

  /**
   * A grid for {@code count} tiles, as near to a square as whole rows allow, at most 20 columns
   * wide.
   */
  public static Grid square(int count, TileShape tile) {
    int columns = Math.max(1, Math.min(20, (int) Math.ceil(Math.sqrt(count))));
    return of(columns, Math.max(1, (count + columns - 1) / columns), tile);
  }

  /**
   * Draws {@code values[offset ..]}, one tile in row-major order, at the given row and column; of
   * three channels each takes its part of the palette's colour.
   */
  public void draw(int row, int column, float[] values, int offset, Palette palette) {
    draw(row, column, values, offset, null, palette, palette);
  }

  /**
   * Draws a tile whose pixels marked false in {@code mask} (one entry per pixel) use the second
   * palette.
   */
  public void draw(
      int row,
      int column,
      float[] values,
      int offset,
      boolean[] mask,
      Palette inside,
      Palette outside) {
    if (row < 0 || row >= rows || column < 0 || column >= columns) {
      throw new IllegalArgumentException(
          "Tile ("
              + row
              + ", "
              + column
              + ") is outside a grid of "
              + rows
              + " rows and "
              + columns
              + " columns.");
    }
    int[] block = new int[scale * scale];
    for (int y = 0; y < tileHeight; y++) {
      for (int x = 0; x < tileWidth; x++) {
        int pixel = y * tileWidth + x;
        Palette palette = mask == null || mask[pixel] ? inside : outside;
        Arrays.fill(block, rgb(values, offset + pixel, palette));
        image.setRGB(left[column] + x * scale, top[row] + y * scale, scale, scale, block, 0, scale);
      }
    }
  }

  private int rgb(float[] values, int at, Palette palette) {
    if (channels == 1) {
      return palette.rgb(values[at]);
    }
    int pixels = tileHeight * tileWidth;
    return palette.rgb(values[at]) & 0xff0000
        | palette.rgb(values[at + pixels]) & 0xff00
        | palette.rgb(values[at + 2 * pixels]) & 0xff;
  }

  public int columns() {
    return columns;
  }

  public int rows() {
    return rows;
  }

  public BufferedImage image() {
    return image;
  }

  /** The first pixel of each tile, and behind the last one the picture's whole size. */
  private static int[] edges(int tiles, int size, IntPredicate gapAfter) {
    int[] edge = new int[tiles + 1];
    int at = GUTTER;
    for (int i = 0; i < tiles; i++) {
      edge[i] = at;
      boolean apart = i + 1 < tiles && gapAfter.test(i);
      at += size + (apart ? GROUP_GAP : GUTTER);
    }
    edge[tiles] = at;
    return edge;
  }
}
