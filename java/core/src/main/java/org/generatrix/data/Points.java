// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import java.util.Arrays;

/**
 * Points in the plane whose density is known: what flows and samplers are tried on first. Each set
 * is a figure, on which a place is drawn, and Gaussian noise around it.
 *
 * <pre>{@code
 * float[] train = Points.TWO_MOONS.draw(10_000, 0.05, 1);
 * double floor = Points.TWO_MOONS.density(0.05).entropy(); // 0.289 nats
 * }</pre>
 *
 * <p>Point i of a seed is the same however many are drawn, on every machine and Java version: it is
 * made of the words of Philox4x32-10 with the layout of {@code generatrix/random.h}, step 0,
 * purpose {@value #PURPOSE} (which no kernel uses), row i, units 0 to 63.
 */
public enum Points {
  /**
   * Two half circles of radius 1 that reach into each other: the upper one around (0, 0), the lower
   * one around (1, 1/2). The figure of scikit-learn's make_moons, with angles that are drawn and
   * not spaced evenly.
   */
  TWO_MOONS("two-moons", 0.05, Curves.moons()),

  /** Four circles around (0, 0), of radius 1/2, 1, 3/2 and 2, equally likely. */
  RINGS("rings", 0.05, Curves.rings(0.5, 1, 1.5, 2)),

  /**
   * Five arms around (0, 0) that are bent the more the farther out. The distance a along an arm is
   * normal with mean 1 and standard deviation 0.3, and its angle e^a / 4 more than the arm's own
   * (after the data of Johnson, Duvenaud, Wiltschko, Datta, Adams, "Composing graphical models with
   * neural networks for structured representations and fast inference", NeurIPS 2016).
   */
  PINWHEEL("pinwheel", 0.08, Curves.pinwheel(5)),

  /** Eight of the sixteen squares of side 1 on [-2, 2] x [-2, 2], none beside another. */
  CHECKERBOARD("checkerboard", 0, new Squares(4)),

  /**
   * A spiral (t cos t, t sin t) / 5 with t uniform in 3/2 pi .. 9/2 pi: the swiss roll seen along
   * its axis (Tenenbaum, de Silva, Langford, "A global geometric framework for nonlinear
   * dimensionality reduction", Science 290, 2000, figure 3).
   */
  SWISS_ROLL("swiss-roll", 0.1, Curves.swissRoll());

  static final int PURPOSE = 254;

  private final String id;
  private final double noise;
  private final PointFigure figure;

  Points(String id, double noise, PointFigure figure) {
    this.id = id;
    this.noise = noise;
    this.figure = figure;
  }

  /** The word that stands for it in options and reports. */
  public String id() {
    return id;
  }

  /**
   * The set of an id.
   *
   * @throws IllegalArgumentException for any other word
   */
  public static Points of(String id) {
    for (Points points : values()) {
      if (points.id.equals(id)) {
        return points;
      }
    }
    throw new IllegalArgumentException(
        "expected one of the sets %s, got %s"
            .formatted(String.join(", ", Arrays.stream(values()).map(Points::id).toList()), id));
  }

  /** A standard deviation of the noise that shows the figure well. */
  public double noise() {
    return noise;
  }

  /**
   * Points drawn independently.
   *
   * @param count how many, 0 or more
   * @param noise standard deviation of what is added to either coordinate, 0 or more
   * @param seed any number
   * @return [count, 2], row-major: x and y of each point
   */
  public float[] draw(int count, double noise, long seed) {
    if (count < 0 || count > Integer.MAX_VALUE / 2) {
      throw new IllegalArgumentException(
          "expected a count in 0 .. %d, got %d".formatted(Integer.MAX_VALUE / 2, count));
    }
    requireNoise(noise, 0);
    float[] points = new float[2 * count];
    PointDraws draws = new PointDraws(seed);
    double[] at = new double[2];
    for (int i = 0; i < count; i++) {
      draws.next(i);
      figure.place(draws, at);
      points[2 * i] = (float) (at[0] + noise * draws.noiseX());
      points[2 * i + 1] = (float) (at[1] + noise * draws.noiseY());
    }
    return points;
  }

  /**
   * The density that {@link #draw} draws from, by quadrature.
   *
   * @param noise as there, at least 1e-4; 0 too for the checkerboard, whose density is then uniform
   */
  public PointDensity density(double noise) {
    if (noise != 0 || !figure.sharp()) {
      requireNoise(noise, PointFigure.LEAST_NOISE);
    }
    return figure.density(noise);
  }

  private static void requireNoise(double noise, double least) {
    if (!(noise >= least && noise < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "expected a finite noise of at least %s, got %s".formatted(least, noise));
    }
  }
}
