// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

import java.util.Arrays;
import org.generatrix.binding.Device;
import org.generatrix.tensor.Tensor;

/** Images of which some entries are known, and which are filled pixel by pixel. */
final class PartialImages {
  private final ImageShape image;
  private final int rows;
  private final float[] values; // [rows][entries] of levels' values, 0 where nothing is yet
  private final float[] given; // what was observed as it was, or null
  private final boolean[] known; // [rows][entries], or null: nothing

  /** Nothing is known. */
  PartialImages(ImageShape image, int rows) {
    if (rows < 1) {
      throw new IllegalArgumentException("n must be at least 1, got " + rows);
    }
    this.image = image;
    this.rows = rows;
    values = new float[Math.multiplyExact(rows, image.entries())];
    given = null;
    known = null;
  }

  /**
   * What the mask says is known.
   *
   * @param v [n, entries]
   * @param observed [1, entries] or [n, entries]
   */
  PartialImages(ImageShape image, Tensor v, Tensor observed) {
    boolean fits =
        observed.shape().length == 2
            && observed.units() == image.entries()
            && (observed.rows() == 1 || observed.rows() == v.rows());
    if (!fits) {
      throw new IllegalArgumentException(
          "observed must be [1, %d] or [%d, %d], got %s"
              .formatted(image.entries(), v.rows(), image.entries(), observed.describe()));
    }
    this.image = image;
    rows = Math.toIntExact(v.rows());
    given = v.toArray();
    values = new float[given.length];
    known = new boolean[given.length];
    float[] mask = observed.toArray();
    for (int i = 0; i < given.length; i++) {
      known[i] = mask[i % mask.length] != 0;
      if (known[i]) {
        requireValue(given[i], i);
        values[i] = image.value(image.level(given[i]));
      }
    }
  }

  private void requireValue(float value, int at) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(
          "an observed value must be in [0, 1], got %s at entry %d of image %d"
              .formatted(value, at % image.entries(), at / image.entries()));
    }
  }

  int rows() {
    return rows;
  }

  /** Rows from .. to - 1 as data, [rows, entries]. */
  Tensor rows(Device device, int from, int to) {
    int entries = image.entries();
    return Tensor.of(
        device, Arrays.copyOfRange(values, from * entries, to * entries), to - from, entries);
  }

  /** A copy of all levels' values, 0 where nothing is known, [rows, entries]. */
  float[] values() {
    return values.clone();
  }

  /** 1 where an entry is known, else 0, [rows, entries]; null if nothing is. */
  float[] mask() {
    if (known == null) {
      return null;
    }
    float[] mask = new float[known.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = known[i] ? 1 : 0;
    }
    return mask;
  }

  /** Whether a channel of a pixel is known in every image. */
  boolean allKnow(int channel, int pixel) {
    for (int row = 0; row < rows; row++) {
      if (!knows(row, channel, pixel)) {
        return false;
      }
    }
    return true;
  }

  boolean knows(int row, int channel, int pixel) {
    return known != null && known[at(row, channel, pixel)];
  }

  /** Fills what is not known. */
  void put(int row, int channel, int pixel, int level) {
    if (!knows(row, channel, pixel)) {
      values[at(row, channel, pixel)] = image.value(level);
    }
  }

  private int at(int row, int channel, int pixel) {
    return row * image.entries() + channel * image.pixels() + pixel;
  }

  /** Refuses pixels of which only some channels are known. */
  void requireWholePixels() {
    for (int row = 0; known != null && row < rows; row++) {
      for (int pixel = 0; pixel < image.pixels(); pixel++) {
        for (int c = 1; c < image.channels(); c++) {
          if (knows(row, c, pixel) != knows(row, 0, pixel)) {
            throw new IllegalArgumentException(
                "expected all channels of a pixel to be observed or none, got some of pixel %d of image %d"
                    .formatted(pixel, row));
          }
        }
      }
    }
  }

  /** [n, entries], what was observed bit for bit. */
  Tensor toTensor(Device device) {
    float[] all = values.clone();
    for (int i = 0; known != null && i < all.length; i++) {
      if (known[i]) {
        all[i] = given[i];
      }
    }
    return Tensor.of(device, all, rows, image.entries());
  }
}
