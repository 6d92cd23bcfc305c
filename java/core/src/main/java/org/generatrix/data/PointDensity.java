// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

/** A density in the plane that can be computed: the truth beside a model's. */
public abstract class PointDensity {
  private static final double STEPS = 1.5; // of the grid, to a standard deviation of the noise

  /** A rectangle. */
  public record Box(double left, double right, double bottom, double top) {}

  PointDensity() {}

  /**
   * The natural logarithm of the density at (x, y), negative infinity where it is 0. The error is
   * below 1e-6 where points are drawn, and grows to some thousandths of it far outside.
   */
  public abstract double logDensity(double x, double y);

  /** Outside of it lies less than 1e-8 of the mass. */
  public abstract Box box();

  /** Standard deviation of the noise. */
  abstract double noise();

  /**
   * The differential entropy -E log p in nats, to about 1e-6: the mean negative log-likelihood of
   * fresh points under the density itself, and what no model can stay below.
   */
  public double entropy() {
    // The trapezoid rule over the whole plane: for something as smooth as noise of this size makes
    // it, its error falls like exp(-2 pi^2 STEPS^2).
    Box box = box();
    double step = noise() / STEPS;
    long columns = (long) Math.ceil((box.right - box.left) / step);
    long rows = (long) Math.ceil((box.top - box.bottom) / step);
    double sum = 0;
    for (long i = 0; i <= columns; i++) {
      for (long j = 0; j <= rows; j++) {
        double log = logDensity(box.left + i * step, box.bottom + j * step);
        if (log > -700) { // else the density is 0 in effect
          sum -= StrictMath.exp(log) * log;
        }
      }
    }
    return sum * step * step;
  }
}
