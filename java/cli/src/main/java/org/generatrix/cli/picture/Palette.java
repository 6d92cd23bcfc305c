// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.picture;

/** How a value becomes a colour, as 0xRRGGBB. */
@FunctionalInterface
public interface Palette {
  int rgb(float value);

  /** Intensities: 0 is black, 1 is white, values beyond are clipped. */
  Palette GREY = value -> grey(Math.round(255 * clip(value, 0f, 1f)));

  /** Units nobody observed: a flat slate that no intensity can be mistaken for. */
  Palette MISSING = value -> 0x2f4156;

  /**
   * Signed values in [-1, 1]: blue below zero, near-black at zero, orange above; lightness grows
   * with the size.
   */
  Palette SIGNED =
      value -> {
        float v = clip(value, -1f, 1f);
        return v < 0 ? blend(-v, SignedStops.BELOW) : blend(v, SignedStops.ABOVE);
      };

  /** A share of the most there is, in [0, 1]: from near-black through orange to cream. */
  Palette HEAT = value -> blend(clip(value, 0f, 1f), SignedStops.ABOVE);

  private static int grey(int level) {
    return level << 16 | level << 8 | level;
  }

  private static float clip(float value, float low, float high) {
    // NaN compares false both ways; it is drawn as the low end rather than as noise.
    return value >= low ? Math.min(value, high) : low;
  }

  /** The colour at t in [0, 1] along equally spaced stops. */
  private static int blend(float t, int[] stops) {
    float at = t * (stops.length - 1);
    int i = Math.min((int) at, stops.length - 2);
    float f = at - i;
    int rgb = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      float from = stops[i] >> shift & 0xff;
      float to = stops[i + 1] >> shift & 0xff;
      rgb |= Math.round(from + f * (to - from)) << shift;
    }
    return rgb;
  }
}
