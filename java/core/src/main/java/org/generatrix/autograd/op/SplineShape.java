// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

/**
 * The form of a rational-quadratic spline (Durkan et al., "Neural spline flows", 2019).
 *
 * @param bins pieces, 2 to 64
 * @param bound the spline maps [-bound, bound] onto itself and leaves what is outside; 1e-6 to 1e6
 * @param minWidth least width and height of a bin as a share of the whole, at least 1e-6; bins
 *     minWidth below 1
 * @param minSlope least slope at a knot, at least 1e-6 and below 1
 * @param unitMajor whether parameters are [n, units, 3 bins - 1], as a dense layer per unit gives
 *     them, or [n, 3 bins - 1, units], as a convolution does
 */
public record SplineShape(
    int bins, double bound, double minWidth, double minSlope, boolean unitMajor) {
  private static final int MOST_BINS = 64;
  private static final double LEAST = 1e-6;

  public SplineShape {
    if (bins < 2 || bins > MOST_BINS) {
      throw new IllegalArgumentException("bins must be between 2 and 64, got " + bins);
    }
    if (!(bound >= LEAST && bound <= 1 / LEAST)) {
      throw new IllegalArgumentException("bound must be between 1e-6 and 1e6, got " + bound);
    }
    if (!(minWidth >= LEAST && bins * minWidth < 1)) {
      throw new IllegalArgumentException(
          "minWidth must be at least 1e-6 and below 1 / bins = %s, got %s"
              .formatted(1.0 / bins, minWidth));
    }
    if (!(minSlope >= LEAST && minSlope < 1)) {
      throw new IllegalArgumentException(
          "minSlope must be at least 1e-6 and below 1, got " + minSlope);
    }
  }

  /** Least widths, heights and slopes of a thousandth, as in the paper's code; number-major. */
  public static SplineShape of(int bins, double bound) {
    return new SplineShape(bins, bound, 1e-3, 1e-3, false);
  }

  /** The same with parameters [n, units, 3 bins - 1]. */
  public SplineShape byUnit() {
    return new SplineShape(bins, bound, minWidth, minSlope, true);
  }

  /** Parameters of an element. */
  public int numbers() {
    return 3 * bins - 1;
  }
}
