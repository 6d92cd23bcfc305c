// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.picture;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.util.Arrays;

/**
 * A picture as the bytes of a data set: laid on a ground colour, in the middle of a square, and
 * brought to one size by averaging areas. In whole numbers, so that a picture gives the same bytes
 * everywhere.
 */
public final class Shrunk {
  private static final int CHANNELS = 3;

  private Shrunk() {}

  /**
   * Averages.
   *
   * @param side of the result
   * @param ground colour 0xRRGGBB behind transparent pixels and beside a picture that is no square
   * @return red, green and blue planes [3, side, side]
   */
  public static byte[] planes(BufferedImage image, int side, int ground) {
    Pixels pixels = Pixels.of(image, ground);
    int square = Math.max(image.getWidth(), image.getHeight());
    int left = (square - image.getWidth()) / 2;
    int top = (square - image.getHeight()) / 2;
    byte[] planes = new byte[CHANNELS * side * side];
    long[] sums = new long[CHANNELS];
    // In units of 1 / (side square) of the picture's side, a source pixel is `side` wide and a
    // target pixel `square`; both begin and end at whole numbers.
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        Arrays.fill(sums, 0);
        for (int i = y * square / side; (long) i * side < (long) (y + 1) * square; i++) {
          long high = overlap(i, side, y, square);
          for (int j = x * square / side; (long) j * side < (long) (x + 1) * square; j++) {
            pixels.add(j - left, i - top, high * overlap(j, side, x, square), sums);
          }
        }
        long whole = 255L * square * square;
        for (int c = 0; c < CHANNELS; c++) {
          planes[(c * side + y) * side + x] = (byte) ((sums[c] + whole / 2) / whole);
        }
      }
    }
    return planes;
  }

  private static long overlap(long i, long wide, long j, long wider) {
    return Math.min((i + 1) * wide, (j + 1) * wider) - Math.max(i * wide, j * wider);
  }

  /**
   * A picture's numbers as they are stored. BufferedImage.getRGB would convert grey ones from
   * another colour space, and change them.
   */
  private record Pixels(Raster raster, ColorModel model, int ground) {

    static Pixels of(BufferedImage image, int ground) {
      ColorModel model = image.getColorModel();
      int bands = image.getRaster().getNumBands();
      if (!(model instanceof IndexColorModel) && (bands < 1 || bands > 4)) {
        throw new IllegalArgumentException(
            "expected grey or colour, with or without transparency, got " + bands + " channels");
      }
      return new Pixels(image.getRaster(), model, ground);
    }

    /** Adds a pixel, 255 times the colour it has before the ground, so many times. */
    void add(int x, int y, long weight, long[] sums) {
      boolean outside = x < 0 || y < 0 || x >= raster.getWidth() || y >= raster.getHeight();
      int argb = outside ? 0 : argb(x, y);
      int alpha = argb >>> 24;
      for (int c = 0; c < sums.length; c++) {
        int shift = 16 - 8 * c;
        int colour = argb >> shift & 0xff;
        int behind = ground >> shift & 0xff;
        sums[c] += weight * (alpha * colour + (255 - alpha) * behind);
      }
    }

    private int argb(int x, int y) {
      if (model instanceof IndexColorModel palette) {
        return palette.getRGB(raster.getSample(x, y, 0));
      }
      int bands = raster.getNumBands();
      int red = sample(x, y, 0);
      int green = bands < 3 ? red : sample(x, y, 1);
      int blue = bands < 3 ? red : sample(x, y, 2);
      int alpha = bands % 2 == 0 ? sample(x, y, bands - 1) : 255;
      return alpha << 24 | red << 16 | green << 8 | blue;
    }

    // As one of 0 .. 255.
    private int sample(int x, int y, int band) {
      long most = (1L << model.getComponentSize(band)) - 1;
      return (int) ((raster.getSample(x, y, band) * 255L + most / 2) / most);
    }
  }
}
