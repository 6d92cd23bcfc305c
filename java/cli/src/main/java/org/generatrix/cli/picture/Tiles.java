// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.picture;

import java.util.List;

/**
 * Arrangements of many pictures in one PNG. Pictures come as floats [count][units], one after the
 * other.
 */
public final class Tiles {
  private Tiles() {}

  /** All of them in rows, as near to a square as whole rows allow. */
  public static byte[] square(float[] pictures, TileShape tile) {
    int count = count(pictures, tile);
    Grid grid = Grid.square(count, tile);
    for (int i = 0; i < count; i++) {
      int row = i / grid.columns();
      grid.draw(row, i % grid.columns(), pictures, i * tile.units(), Palette.GREY);
    }
    return Png.encode(grid.image());
  }

  /** In rows of {@code columns}. */
  public static byte[] rows(float[] pictures, int columns, TileShape tile) {
    return rows(pictures, columns, tile, Palette.GREY);
  }

  /** The same in other colours. */
  public static byte[] rows(float[] pictures, int columns, TileShape tile, Palette palette) {
    return bands(List.of(pictures), columns, 0, tile, palette);
  }

  /**
   * Several versions of the same pictures: each stands under its counterpart, in bands of at most
   * {@code columns} across with a gap between the bands.
   *
   * @param versions from top to bottom, equally many pictures each
   */
  public static byte[] bands(List<float[]> versions, int columns, TileShape tile) {
    return bands(versions, columns, versions.size(), tile, Palette.GREY);
  }

  /**
   * Groups of pictures one below the other, each in rows of at most {@code columns}, with a gap
   * between the groups.
   *
   * @param groups equally many pictures each
   */
  public static byte[] groups(List<float[]> groups, int columns, TileShape tile) {
    int count = count(groups.get(0), tile);
    int across = Math.min(columns, count);
    int deep = (count + across - 1) / across;
    Grid grid = Grid.grouped(across, deep * groups.size(), tile, 0, deep);
    for (int g = 0; g < groups.size(); g++) {
      requireAsMany(count, groups.get(g), tile);
      for (int i = 0; i < count; i++) {
        int row = g * deep + i / across;
        grid.draw(row, i % across, groups.get(g), i * tile.units(), Palette.GREY);
      }
    }
    return Png.encode(grid.image());
  }

  /**
   * Rows that lead from one picture to another: the first, what lies between, the last.
   *
   * @param from [n][units]
   * @param between the same number of pictures for each row, one row after the other
   * @param to [n][units]
   */
  public static byte[] ways(float[] from, float[] between, float[] to, TileShape tile) {
    int n = count(from, tile);
    int steps = count(between, tile) / n;
    if (count(to, tile) != n || count(between, tile) != n * steps) {
      throw new IllegalArgumentException(
          "Each of "
              + n
              + " ways needs its end and equally many steps, got "
              + count(to, tile)
              + " ends and "
              + count(between, tile)
              + " steps.");
    }
    Grid grid = Grid.framed(steps + 2, n, tile);
    for (int i = 0; i < n; i++) {
      grid.draw(i, 0, from, i * tile.units(), Palette.GREY);
      for (int k = 0; k < steps; k++) {
        grid.draw(i, 1 + k, between, (i * steps + k) * tile.units(), Palette.GREY);
      }
      grid.draw(i, steps + 1, to, i * tile.units(), Palette.GREY);
    }
    return Png.encode(grid.image());
  }

  /** Whole, observed part and completion side by side, four such triples to a row. */
  public static byte[] completions(
      float[] originals, boolean[] observed, float[] completed, TileShape tile) {
    int count = count(originals, tile);
    int across = Math.min(count, 4);
    Grid grid = Grid.grouped(3 * across, (count + across - 1) / across, tile, 3, 0);
    for (int i = 0; i < count; i++) {
      int row = i / across;
      int column = 3 * (i % across);
      int offset = i * tile.units();
      grid.draw(row, column, originals, offset, Palette.GREY);
      grid.draw(row, column + 1, originals, offset, observed, Palette.GREY, Palette.MISSING);
      grid.draw(row, column + 2, completed, offset, Palette.GREY);
    }
    return Png.encode(grid.image());
  }

  private static byte[] bands(
      List<float[]> versions, int columns, int rowGroup, TileShape tile, Palette palette) {
    int count = count(versions.get(0), tile);
    int across = Math.min(columns, count);
    int deep = versions.size();
    Grid grid = Grid.grouped(across, deep * ((count + across - 1) / across), tile, 0, rowGroup);
    for (int k = 0; k < deep; k++) {
      requireAsMany(count, versions.get(k), tile);
      for (int i = 0; i < count; i++) {
        int row = deep * (i / across) + k;
        grid.draw(row, i % across, versions.get(k), i * tile.units(), palette);
      }
    }
    return Png.encode(grid.image());
  }

  private static void requireAsMany(int count, float[] pictures, TileShape tile) {
    if (count(pictures, tile) != count) {
      throw new IllegalArgumentException(
          "Each version must have " + count + " pictures, got " + count(pictures, tile) + ".");
    }
  }

  private static int count(float[] pictures, TileShape tile) {
    if (pictures.length == 0 || pictures.length % tile.units() != 0) {
      throw new IllegalArgumentException(
          "Pictures of "
              + tile
              + " pixels need a multiple of "
              + tile.units()
              + " values, got "
              + pictures.length
              + ".");
    }
    return pictures.length / tile.units();
  }
}
