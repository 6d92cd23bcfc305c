// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

/**
 * What rows of data are to a flow, which models real numbers. Of levels, such as bytes of pictures
 * that stand as level / (levels - 1) in [0, 1], it models u = (level + noise) / levels with uniform
 * noise, whose expected log-density bounds the log-probability of the levels from below but for a
 * constant (Theis, van den Oord, Bethge, "A note on the evaluation of generative models", 2016,
 * section 3.1); it may then go to the whole line by log p - log(1 - p), p = low + (high - low) u
 * (Dinh et al. 2017, section 4.1). Without levels it models the numbers themselves.
 *
 * @param levels in [2, 65536], or 0 for real numbers
 * @param logit whether the logit follows
 * @param low of the logit's interval, at least 0; 0 without
 * @param high of the logit's interval, above low and at most 1; 1 without
 */
public record Dequantisation(int levels, boolean logit, double low, double high) {
  private static final int MOST_LEVELS = 1 << 16;

  public Dequantisation {
    if (levels != 0 && (levels < 2 || levels > MOST_LEVELS)) {
      throw new IllegalArgumentException(
          "levels must be 0 or in [2, %d], got %d".formatted(MOST_LEVELS, levels));
    }
    if (logit ? !(low >= 0 && low < high && high <= 1) : low != 0 || high != 1) {
      throw new IllegalArgumentException(
          "expected %s, got %s and %s"
              .formatted(
                  logit ? "0 <= low < high <= 1" : "low 0 and high 1 without the logit",
                  low,
                  high));
    }
  }

  /** Real numbers. */
  public static Dequantisation none() {
    return new Dequantisation(0, false, 0, 1);
  }

  /** Levels with uniform noise, as NICE takes them. */
  public static Dequantisation uniform(int levels) {
    return new Dequantisation(levels, false, 0, 1);
  }

  /** Levels with uniform noise and the logit of alpha + (1 - alpha) u, as RealNVP takes them. */
  public static Dequantisation logit(int levels, double alpha) {
    return new Dequantisation(levels, true, alpha, 1);
  }

  /** In words, to stand beside figures. */
  public String describe() {
    return (levels == 0 ? "real numbers" : "uniform dequantisation of %d levels".formatted(levels))
        + (logit ? ", logit of [%s, %s]".formatted(low, high) : "");
  }

  /** The intensity of the level that u in [0, 1) belongs to; u itself of real numbers. */
  float value(float u) {
    if (levels == 0) {
      return u;
    }
    double level = Math.floor(levels * (double) u);
    return (float) (Math.min(Math.max(level, 0), levels - 1) / (levels - 1));
  }
}
