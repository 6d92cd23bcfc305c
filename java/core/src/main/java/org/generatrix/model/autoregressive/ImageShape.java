// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

/**
 * What an image is to a model: [channels, height, width], each entry one of so many levels. Level j
 * of L stands in tensors as j / (L - 1), so that two levels are 0 and 1 and bytes are intensities.
 *
 * @param channels 1, or 3 for red, green and blue, which come in this order within a pixel
 * @param height at least 1
 * @param width at least 1
 * @param levels in [2, 256]
 */
public record ImageShape(int channels, int height, int width, int levels) {

  public ImageShape {
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException("channels must be 1 or 3, got " + channels);
    }
    if (height < 1 || width < 1 || (long) height * width > 1 << 20) {
      throw new IllegalArgumentException(
          "height and width must be at least 1 and give at most 2^20 pixels, got %d x %d"
              .formatted(height, width));
    }
    if (levels < 2 || levels > 256) {
      throw new IllegalArgumentException("levels must be in [2, 256], got " + levels);
    }
  }

  /** Grey images whose pixels are 0 or 1. */
  public static ImageShape binary(int height, int width) {
    return new ImageShape(1, height, width, 2);
  }

  /** Pixels of a channel. */
  public int pixels() {
    return height * width;
  }

  /** Entries of an image, the units of a row of data. */
  public int entries() {
    return channels * pixels();
  }

  /** The level nearest to a value in [0, 1]. */
  int level(float value) {
    return Math.min(Math.max(Math.round(value * (levels - 1)), 0), levels - 1);
  }

  /** What stands for a level in tensors. */
  float value(int level) {
    return level / (float) (levels - 1);
  }

  @Override
  public String toString() {
    return (channels == 1 ? "" : channels + " x ") + height + " x " + width;
  }
}
