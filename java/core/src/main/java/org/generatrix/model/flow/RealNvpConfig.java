// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import java.util.Objects;
import org.generatrix.model.autoregressive.ImageShape;

/**
 * The shape of a {@link RealNvp}.
 *
 * @param image what it models; each scale after the first halves its sides, to no less than 2
 * @param channels of the networks at the first scale; each squeezing doubles them
 * @param blocks residual blocks of each network, at least 0
 * @param scales at least 1
 * @param norm what keeps the activations in their range
 * @param low of the logit's operand low + (high - low) u for intensities u in [0, 1)
 * @param high of it; the paper has low = alpha = 0.05 and high = 1, the authors' code 0.05 and 0.95
 * @param context numbers that an image may be given, as the length of a one-hot class; 0 for none
 */
public record RealNvpConfig(
    ImageShape image,
    int channels,
    int blocks,
    int scales,
    Norm norm,
    double low,
    double high,
    int context) {

  /** What keeps the activations in their range. */
  public enum Norm {
    /** Batch norm, in the networks and between couplings. */
    BATCH,
    /** Weight norm of the networks' convolutions; nothing between couplings. */
    WEIGHT
  }

  public RealNvpConfig {
    Objects.requireNonNull(image, "image");
    Objects.requireNonNull(norm, "norm");
    atLeast("channels", channels, 1);
    atLeast("blocks", blocks, 0);
    atLeast("scales", scales, 1);
    atLeast("context", context, 0);
    if (scales > mostScales(image)) {
      throw new IllegalArgumentException(
          "expected at most %d scales, whose last has 2 x 2 pixels or more, for %s, got %d"
              .formatted(mostScales(image), image, scales));
    }
    if ((long) channels << scales > 1 << 16) {
      throw new IllegalArgumentException(
          "expected at most 2^16 channels at the last of %d scales, got %d at the first"
              .formatted(scales, channels));
    }
    if (!(low > 0 && low < high && high <= 1)) {
      throw new IllegalArgumentException(
          "expected 0 < low < high <= 1, got " + low + " and " + high);
    }
  }

  /**
   * Three scales, or as many as there can be; batch norm, a logit of 0.05 to 0.95, no context. The
   * paper has four blocks of 32 channels for 32 x 32 pictures, two for 64 x 64.
   */
  public static RealNvpConfig of(ImageShape image, int channels, int blocks) {
    int scales = Math.max(1, Math.min(3, mostScales(image)));
    return new RealNvpConfig(image, channels, blocks, scales, Norm.BATCH, 0.05, 0.95, 0);
  }

  // Each scale after the first halves the sides.
  private static int mostScales(ImageShape image) {
    int side = Math.min(image.height(), image.width());
    int halvings = Integer.numberOfTrailingZeros(image.height() | image.width());
    return Math.min(halvings + 1, 31 - Integer.numberOfLeadingZeros(side));
  }

  public RealNvpConfig withNorm(Norm other) {
    return new RealNvpConfig(image, channels, blocks, scales, other, low, high, context);
  }

  public RealNvpConfig withScales(int number) {
    return new RealNvpConfig(image, channels, blocks, number, norm, low, high, context);
  }

  public RealNvpConfig withLogit(double from, double to) {
    return new RealNvpConfig(image, channels, blocks, scales, norm, from, to, context);
  }

  public RealNvpConfig withContext(int numbers) {
    return new RealNvpConfig(image, channels, blocks, scales, norm, low, high, numbers);
  }

  /** What rows of data are. */
  Dequantisation dequantisation() {
    return new Dequantisation(image.levels(), true, low, high);
  }

  PictureSize size() {
    return new PictureSize(image.channels(), image.height(), image.width());
  }

  private static void atLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "%s must be at least %d, got %d".formatted(name, least, value));
    }
  }
}
