// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.autoregressive;

import java.util.Arrays;
import org.generatrix.cli.picture.Grid;
import org.generatrix.cli.picture.Palette;
import org.generatrix.cli.picture.Png;
import org.generatrix.cli.picture.TileShape;
import org.generatrix.cli.picture.Tiles;
import org.generatrix.model.autoregressive.AutoregressiveImages;
import org.generatrix.tensor.Tensor;

/** What an autoregressive model looks like: PNG pictures of what it draws. */
record PixelCnnPictures(AutoregressiveImages model, TileShape tile) {
  /** How often each picture is completed. */
  static final int COMPLETIONS = 4;

  private static final int STAGES = 8;

  /** New pictures, [count][pixels]. */
  float[] draw(int count, long seed) {
    try (Tensor samples = model.sample(count, seed)) {
      return samples.toArray();
    }
  }

  /** A square of them. */
  byte[] samples(float[] pictures) {
    return Tiles.square(pictures, tile);
  }

  /**
   * The first of these pictures while they were drawn, a row each: a picture at an earlier stage is
   * the finished one without the pixels that were still to come.
   */
  byte[] stages(float[] pictures, int count) {
    Grid grid = Grid.of(STAGES, count, tile);
    for (int row = 0; row < count; row++) {
      for (int stage = 0; stage < STAGES; stage++) {
        boolean[] drawn = new boolean[tile.units()];
        Arrays.fill(drawn, 0, tile.units() * (stage + 1) / STAGES, true);
        grid.draw(row, stage, pictures, row * tile.units(), drawn, Palette.GREY, Palette.MISSING);
      }
    }
    return Png.encode(grid.image());
  }

  /**
   * A column per picture: the whole, the observed part, then {@link #COMPLETIONS} completions.
   *
   * @param data [n, pixels]
   */
  byte[] completions(Tensor data, boolean[] observed, long seed) {
    int count = Math.toIntExact(data.rows());
    float[] originals = data.toArray();
    float[] completed = complete(data, observed, seed);
    Grid grid = Grid.grouped(count, 2 + COMPLETIONS, tile, 0, 0);
    for (int i = 0; i < count; i++) {
      int offset = i * tile.units();
      grid.draw(0, i, originals, offset, Palette.GREY);
      grid.draw(1, i, originals, offset, observed, Palette.GREY, Palette.MISSING);
      for (int k = 0; k < COMPLETIONS; k++) {
        grid.draw(2 + k, i, completed, (k * count + i) * tile.units(), Palette.GREY);
      }
    }
    return Png.encode(grid.image());
  }

  /** All in one batch: [COMPLETIONS * n][pixels]. */
  private float[] complete(Tensor data, boolean[] observed, long seed) {
    long[] rows = new long[Math.toIntExact(COMPLETIONS * data.rows())];
    Arrays.setAll(rows, i -> i % data.rows());
    try (Tensor several = data.rowsAt(rows)) {
      return complete(model, several, observed, seed);
    }
  }

  /** Each picture once, [n][pixels]. */
  static float[] complete(
      AutoregressiveImages model, Tensor pictures, boolean[] observed, long seed) {
    float[] mask = new float[observed.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = observed[i] ? 1 : 0;
    }
    try (Tensor known = Tensor.of(model.device(), mask, 1, mask.length);
        Tensor completed = model.inpaint(pictures, known, seed)) {
      return completed.toArray();
    }
  }
}
