// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import java.util.Arrays;
import java.util.Objects;

/**
 * Grey or colour images of one size.
 *
 * @param count how many, 0 or more
 * @param channels 1 for grey, 3 for red, green and blue
 * @param height rows of each, 1 or more
 * @param width columns of each, 1 or more
 * @param pixels unsigned bytes [count, channels, height, width], row-major: the planes of an image
 *     one behind the other. Of MNIST 0 is background, 255 full ink; of a colour 255 is all of it.
 *     Neither copied in nor out.
 */
public record Images(int count, int channels, int height, int width, byte[] pixels) {
  private static final double GOLDEN_RATIO = 0.618033988749895;

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException when a size is out of range or the pixels are more or fewer
   *     than the sizes say
   */
  public Images {
    Objects.requireNonNull(pixels, "pixels");
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException("expected 1 or 3 channels, got " + channels);
    }
    if (count < 0 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "expected count >= 0, height >= 1 and width >= 1, got "
              + count
              + ", "
              + height
              + " and "
              + width);
    }
    // In steps, as the product of all may exceed a long.
    long plane = (long) height * width;
    if (plane > Integer.MAX_VALUE
        || plane * channels > Integer.MAX_VALUE
        || plane * channels * count != pixels.length) {
      throw new IllegalArgumentException(
          "expected count x "
              + (channels == 1 ? "" : "channels x ")
              + "height x width pixels, got "
              + pixels.length
              + " for "
              + count
              + " x "
              + (channels == 1 ? "" : channels + " x ")
              + height
              + " x "
              + width);
    }
  }

  /** Grey images of one size. */
  public Images(int count, int height, int width, byte[] pixels) {
    this(count, 1, height, width, pixels);
  }

  /**
   * Images of intensities, each rounded to the nearest byte; what is below 0 or above 1 is cut.
   *
   * @param intensities [count, channels, height, width]
   */
  public static Images of(int count, int channels, int height, int width, float[] intensities) {
    byte[] pixels = new byte[intensities.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) Math.round(255 * Math.max(0f, Math.min(1f, intensities[i])));
    }
    return new Images(count, channels, height, width, pixels);
  }

  /** Numbers of one image, the units a model sees. */
  public int size() {
    return channels * height * width;
  }

  /** Intensities in [0, 1], pixel / 255, of all images: [count, size()]. */
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
   * Mean intensity of each unit, [size()], exact before the last rounding; of no images it is 0.
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
        to - from, channels, height, width, Arrays.copyOfRange(pixels, from * size(), to * size()));
  }

  /**
   * That many images, or all, in order: one from each of as many equal parts of the set, so that a
   * sorted one shows all kinds, at changing places in them, as equal steps would meet the period of
   * a set in turns. Every 60th training picture of MNIST has another mixture of digits.
   */
  public Images spread(int atMost) {
    int some = Math.min(atMost, count);
    byte[] chosen = new byte[some * size()];
    for (int i = 0; i < some; i++) {
      double within = i * GOLDEN_RATIO % 1; // of the part
      int from = (int) ((i + within) * count / some);
      System.arraycopy(pixels, from * size(), chosen, i * size(), size());
    }
    return new Images(some, channels, height, width, chosen);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Images that
        && count == that.count
        && channels == that.channels
        && height == that.height
        && width == that.width
        && Arrays.equals(pixels, that.pixels);
  }

  @Override
  public int hashCode() {
    return Objects.hash(count, channels, height, width, Arrays.hashCode(pixels));
  }

  @Override
  public String toString() {
    String planes = channels == 1 ? "" : channels + " x ";
    return "Images[" + count + " of " + planes + height + " x " + width + "]";
  }
}
