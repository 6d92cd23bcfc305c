// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.adversarial;

/**
 * A {@link Dcgan}'s pictures and widths.
 *
 * @param channels of a picture, 1 or 3
 * @param height of a picture, at least 5
 * @param width likewise
 * @param latents units of z, at least 1
 * @param generatorWidth features of the generator's last hidden layer, "ngf", at least 1; each
 *     layer before it has twice those of the next
 * @param discriminatorWidth features of the discriminator's first layer, "ndf", at least 1; each
 *     layer behind it has twice those of the one before
 */
public record DcganConfig(
    int channels, int height, int width, int latents, int generatorWidth, int discriminatorWidth) {
  private static final int FIRST = 4; // the side of the smallest feature maps

  public DcganConfig {
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException("channels must be 1 or 3, got " + channels);
    }
    within("height", height, FIRST + 1, 1024);
    within("width", width, FIRST + 1, 1024);
    within("latents", latents, 1, 1 << 16);
    within("generatorWidth", generatorWidth, 1, 1 << 12);
    within("discriminatorWidth", discriminatorWidth, 1, 1 << 12);
  }

  private static void within(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s must be in [%d, %d], got %d".formatted(name, least, most, value));
    }
  }

  /** As in the paper: 100 latent units, 64 features. */
  public static DcganConfig of(int channels, int height, int width) {
    return new DcganConfig(channels, height, width, 100, 64, 64);
  }

  /** Numbers in a picture. */
  public long visible() {
    return (long) channels * height * width;
  }

  /** Layers that double the side, from 4 to {@link #side}. */
  int doublings() {
    int n = 1;
    while (FIRST << n < Math.max(height, width)) {
      n++;
    }
    return n;
  }

  /** The side of the square that the networks work on: 4, 8, .. doubled until the picture fits. */
  int side() {
    return FIRST << doublings();
  }
}
