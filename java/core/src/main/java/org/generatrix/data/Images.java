// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import java.util.Arrays;
import java.util.Objects;

/**
 * Grey images of one size.
 *
 * @param count how many, 0 or more
 * @param height rows of each, 1 or more
 * @param width columns of each, 1 or more
 * @param pixels unsigned bytes [count, height, width], row-major; 0 is background, 255 full ink.
 *     Neither copied in nor out.
 */
public record Images(int count, int height, int width, byte[] pixels) {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException when a size is out of range or the pixels are more or fewer
   *     than the sizes say
   */
  public Images {
    Objects.requireNonNull(pixels, "pixels");
    if (count < 0 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "expected count >= 0, height >= 1 and width >= 1, got "
              + count
              + ", "
              + height
              + " and "
              + width);
    }
    // In steps, as the product of three ints may exceed a long.
    long size = (long) height * width;
    if (size > Integer.MAX_VALUE || size * count != pixels.length) {
      throw new IllegalArgumentException(
          "expected count x height x width pixels, got "
              + pixels.length
              + " for "
              + count
              + " x "
              + height
              + " x "
              + width);
    }
  }

  /** Pixels of one image, the units a model sees. */
  public int size() {
    return height * width;
  }

  /** Intensities in [0, 1], pixel / 255, of all images: [count, height * width]. */
  public float[] intensities() {
    float[] values = new float[pixels.length];
    intensities(0, count, values);
    return values;
  }

  /**
   * Intensities of images from .. to - 1.
   *
   * @param into the first (to - from) * size() entries are overwritten
   */
  public void intensities(int from, int to, float[] into) {
    Objects.checkFromToIndex(from, to, count);
    int length = (to - from) * size();
    if (into.length < length) {
      throw new IllegalArgumentException(
          "expected room for " + length + " intensities, got " + into.length);
    }
    int start = from * size();
    for (int i = 0; i < length; i++) {
      into[i] = (pixels[start + i] & 0xff) / 255f;
    }
  }

  /**
   * Mean intensity of each pixel, [height * width], exact before the last rounding; of no images it
   * is 0.
   */
  public float[] mean() {
    long[] sums = new long[size()];
    for (int i = 0, unit = 0;
        i < pixels.length;
        i++, unit = unit + 1 == sums.length ? 0 : unit + 1) {
      sums[unit] += pixels[i] & 0xff;
    }
    float[] mean = new float[sums.length];
    for (int unit = 0; unit < mean.length; unit++) {
      mean[unit] = count == 0 ? 0 : (float) (sums[unit] / (255.0 * count));
    }
    return mean;
  }

  /** A copy of images from .. to - 1. */
  public Images slice(int from, int to) {
    Objects.checkFromToIndex(from, to, count);
    return new Images(
        to - from, height, width, Arrays.copyOfRange(pixels, from * size(), to * size()));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Images that
        && count == that.count
        && height == that.height
        && width == that.width
        && Arrays.equals(pixels, that.pixels);
  }

  @Override
  public int hashCode() {
    return Objects.hash(count, height, width, Arrays.hashCode(pixels));
  }

  @Override
  public String toString() {
    return "Images[" + count + " of " + height + " x " + width + "]";
  }
}
