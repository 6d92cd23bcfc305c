// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.rbm;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.generatrix.binding.Device;
import org.generatrix.cli.Half;
import org.generatrix.cli.picture.Grid;
import org.generatrix.cli.picture.Palette;
import org.generatrix.cli.picture.Png;
import org.generatrix.cli.picture.TileShape;
import org.generatrix.cli.picture.Tiles;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.tensor.Tensor;

/**
 * What a restricted Boltzmann machine looks like: PNG pictures of its samples, filters,
 * reconstructions and completions.
 */
final class RbmPictures {
  /** How many chains complete each picture. */
  static final int COMPLETIONS = 5;

  private static final int MOST_FILTERS = 100;

  private final Rbm rbm;
  private final TileShape tile;

  RbmPictures(Rbm rbm, TileShape tile) {
    if (tile.units() != rbm.config().visible()) {
      throw new IllegalArgumentException(
          "Pictures of "
              + tile
              + " pixels need "
              + tile.units()
              + " visible units, the model has "
              + rbm.config().visible()
              + ".");
    }
    this.rbm = rbm;
    this.tile = tile;
  }

  /** A square of samples from chains that start at noise. */
  byte[] samples(int count, int steps, long seed) {
    try (Rbm.Samples samples = rbm.samples(count, steps, seed)) {
      return square(samples);
    }
  }

  /** A square of samples from chains that start at the given states, bits [n, visible]. */
  byte[] samples(Tensor start, int steps, long seed) {
    try (Rbm.Samples samples = rbm.samples(start, steps, seed)) {
      return square(samples);
    }
  }

  /** The probabilities behind the last states. */
  private byte[] square(Rbm.Samples samples) {
    return Tiles.square(samples.probabilities().toArray(), tile);
  }

  /** How many filters {@link #filters} draws. */
  int filterCount() {
    return Math.min(MOST_FILTERS, rbm.config().hidden());
  }

  /**
   * The weights of the hidden units with the largest norm, in the order of the units, each scaled
   * by its largest weight.
   */
  byte[] filters() {
    int hidden = rbm.config().hidden();
    int units = tile.units();
    float[] weights = rbm.W().toArray(); // [visible][hidden]
    double[] norms = new double[hidden];
    for (int i = 0; i < weights.length; i++) {
      norms[i % hidden] += (double) weights[i] * weights[i];
    }
    int[] chosen =
        IntStream.range(0, hidden)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer j) -> -norms[j]).thenComparing(j -> j))
            .limit(filterCount())
            .mapToInt(Integer::intValue)
            .sorted()
            .toArray();
    Grid grid = Grid.square(chosen.length, tile);
    float[] filter = new float[units];
    for (int k = 0; k < chosen.length; k++) {
      float largest = Float.MIN_NORMAL;
      for (int i = 0; i < units; i++) {
        filter[i] = weights[i * hidden + chosen[k]];
        largest = Math.max(largest, Math.abs(filter[i]));
      }
      for (int i = 0; i < units; i++) {
        filter[i] /= largest;
      }
      grid.draw(k / grid.columns(), k % grid.columns(), filter, 0, Palette.SIGNED);
    }
    return Png.encode(grid.image());
  }

  /**
   * Pictures above what comes back of them from the hidden layer, in bands of {@code columns}.
   *
   * @param data float or bits [n, visible]
   */
  byte[] reconstructions(Tensor data, int columns) {
    try (Tensor back = rbm.reconstruct(data)) {
      return Tiles.bands(List.of(floats(data), back.toArray()), columns, tile);
    }
  }

  /**
   * A column per picture: the whole, the observed part, then {@link #COMPLETIONS} independent
   * completions.
   *
   * @param data float or bits [n, visible]
   */
  byte[] inpainting(Tensor data, Half observed, int steps, long seed) {
    int count = Math.toIntExact(data.rows());
    boolean[] mask = observed.mask(tile);
    float[] originals = floats(data);
    float[] completed = complete(data, mask, steps, seed);
    Grid grid = Grid.grouped(count, 2 + COMPLETIONS, tile, 0, 0);
    for (int i = 0; i < count; i++) {
      int offset = i * tile.units();
      grid.draw(0, i, originals, offset, Palette.GREY);
      grid.draw(1, i, originals, offset, mask, Palette.GREY, Palette.MISSING);
      for (int k = 0; k < COMPLETIONS; k++) {
        grid.draw(2 + k, i, completed, (k * count + i) * tile.units(), Palette.GREY);
      }
    }
    return Png.encode(grid.image());
  }

  /**
   * All completions in one batch, as each row is a chain of its own: [COMPLETIONS * n][visible],
   * completion by completion.
   */
  private float[] complete(Tensor data, boolean[] mask, int steps, long seed) {
    long[] rows = new long[Math.toIntExact(COMPLETIONS * data.rows())];
    Arrays.setAll(rows, i -> i % data.rows());
    try (Tensor starts = data.rowsAt(rows);
        Tensor observed = mask(rbm.device(), mask);
        Tensor completed = rbm.inpaint(starts, observed, steps, seed)) {
      return completed.toArray();
    }
  }

  /** A mask as a tensor [1, visible] that {@link Rbm#inpaint} takes; the caller closes it. */
  static Tensor mask(Device device, boolean[] observed) {
    float[] values = new float[observed.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = observed[i] ? 1 : 0;
    }
    return Tensor.of(device, values, 1, values.length);
  }

  private static float[] floats(Tensor states) {
    try (Tensor floats = states.toFloats()) {
      return floats.toArray();
    }
  }
}
