// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.picture;

/**
 * The height and width of one picture of a data set, in pixels; a model has channels x height x
 * width visible units.
 *
 * @param channels 1 for grey, 3 for red, green and blue, whose planes come one after the other
 */
public record TileShape(int height, int width, int channels) {
  private static final int PREFERRED_PICTURE_WIDTH = 720;

  public TileShape {
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException("A picture has 1 or 3 channels, got " + channels + ".");
    }
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "A picture needs at least 1 x 1 pixels, got " + height + " x " + width + ".");
    }
    if ((long) height * width > Integer.MAX_VALUE / channels) {
      throw new IllegalArgumentException(
          "A picture has at most "
              + Integer.MAX_VALUE / channels
              + " pixels, got "
              + height
              + " x "
              + width
              + ".");
    }
  }

  /** Grey pictures. */
  public TileShape(int height, int width) {
    this(height, width, 1);
  }

  /**
   * The most square shape that holds {@code units} exactly: 784 gives 28 x 28, 12 gives 3 x 4, a
   * prime gives one row.
   */
  public static TileShape nearSquare(int units) {
    int height = (int) Math.sqrt(units);
    while (units % height != 0) {
      height--;
    }
    return new TileShape(height, units / height);
  }

  public int units() {
    return channels * height * width;
  }

  /** Of one channel. */
  public int pixels() {
    return height * width;
  }

  /**
   * The whole number that brings {@code columns} tiles nearest to a comfortable width: 2 for ten
   * digits of 28 pixels.
   */
  int scale(int columns) {
    return Math.max(
        1, Math.min(8, Math.round(PREFERRED_PICTURE_WIDTH / (float) (columns * width))));
  }

  @Override
  public String toString() {
    return (channels == 1 ? "" : channels + " x ") + height + " x " + width;
  }
}
