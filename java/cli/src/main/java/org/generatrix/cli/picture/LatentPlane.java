// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.picture;

/**
 * A square grid of codes in the plane of two latent units, all others at 0, for the picture of a
 * decoder's manifold: the coordinates are the middles of equally likely slices of a standard normal
 * distribution, so that every tile stands for as much probability as any other (Kingma and Welling,
 * "Auto-encoding variational Bayes", ICLR 2014, figure 4).
 *
 * @param latents units of a code
 * @param across the unit that grows from left to right
 * @param up the unit that grows from bottom to top; another one, unless there is but one
 */
public record LatentPlane(int latents, int across, int up) {
  public LatentPlane {
    if (across < 0 || across >= latents || up < 0 || up >= latents) {
      throw new IllegalArgumentException(
          "Both units of a plane must be in 0 .. "
              + (latents - 1)
              + ", got "
              + across
              + " and "
              + up
              + ".");
    }
  }

  /** The codes of a grid, [side * side][latents], row by row from the top. */
  public float[] codes(int side) {
    float[] codes = new float[side * side * latents];
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        int code = (row * side + column) * latents;
        codes[code + up] = (float) quantile((side - row - 0.5) / side);
        codes[code + across] = (float) quantile((column + 0.5) / side);
      }
    }
    return codes;
  }

  /**
   * The value that a standard normal variable stays below with probability p in (0, 1), to a
   * relative error of 1e-7 (Wichura, "Algorithm AS 241: the percentage points of the normal
   * distribution", Applied Statistics 37, 1988, routine PPND7).
   */
  static double quantile(double p) {
    double q = p - 0.5;
    if (Math.abs(q) <= 0.425) {
      double r = 0.180625 - q * q;
      return q
          * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179)
          / (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1);
    }
    double r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
    double tail;
    if (r <= 5) {
      r -= 1.6;
      tail =
          (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777)
              / ((0.12021132975 * r + 0.73700164250) * r + 1);
    } else {
      r -= 5;
      tail =
          (((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150)
              / ((0.012258202635 * r + 0.24197894225) * r + 1);
    }
    return q < 0 ? -tail : tail;
  }
}
