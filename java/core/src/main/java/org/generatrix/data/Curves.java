// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

/**
 * Curves of one parameter t: one of them is drawn, each as likely, then t.
 *
 * @param curves how many
 * @param path where t is on a curve
 * @param from the least t
 * @param to the greatest
 * @param normal whether t is normal, with {@code from} and {@code to} 6 standard deviations to
 *     either side of its mean, or else uniform
 */
record Curves(int curves, Path path, double from, double to, boolean normal)
    implements PointFigure {
  private static final double REACH = 6; // standard deviations of a normal t

  /** A place on a curve. */
  interface Path {
    void at(int curve, double t, double[] xy);
  }

  static Curves moons() {
    Path path =
        (curve, t, xy) -> {
          double sign = curve == 0 ? 1 : -1;
          xy[0] = curve + sign * StrictMath.cos(t);
          xy[1] = 0.5 * curve + sign * StrictMath.sin(t);
        };
    return new Curves(2, path, 0, Math.PI, false);
  }

  static Curves rings(double... radii) {
    Path path = (curve, t, xy) -> polar(radii[curve], t, xy);
    return new Curves(radii.length, path, 0, 2 * Math.PI, false);
  }

  static Curves pinwheel(int arms) {
    Path path = (curve, t, xy) -> polar(t, StrictMath.exp(t) / 4 + 2 * Math.PI * curve / arms, xy);
    return new Curves(arms, path, 1 - REACH * 0.3, 1 + REACH * 0.3, true);
  }

  static Curves swissRoll() {
    return new Curves(
        1, (curve, t, xy) -> polar(t / 5, t, xy), 1.5 * Math.PI, 4.5 * Math.PI, false);
  }

  private static void polar(double radius, double angle, double[] xy) {
    xy[0] = radius * StrictMath.cos(angle);
    xy[1] = radius * StrictMath.sin(angle);
  }

  @Override
  public void place(PointDraws draws, double[] at) {
    double t = normal ? mean() + stddev() * draws.normal() : from + (to - from) * draws.uniform();
    path.at(draws.choice(curves), t, at);
  }

  private double mean() {
    return (from + to) / 2;
  }

  private double stddev() {
    return (to - from) / (2 * REACH);
  }

  // The density of t.
  private double weight(double t) {
    double z = (t - mean()) / stddev();
    return normal
        ? StrictMath.exp(-z * z / 2) / (stddev() * StrictMath.sqrt(2 * Math.PI))
        : 1 / (to - from);
  }

  /**
   * The integral over t becomes a sum over places: five of Gauss and Legendre in pieces about as
   * long as the noise is wide, over which a Gaussian is a polynomial in effect.
   */
  @Override
  public PointDensity density(double noise) {
    GaussianSum.Builder sum = new GaussianSum.Builder(noise);
    double[] xy = new double[2];
    for (int curve = 0; curve < curves; curve++) {
      for (double t = from; t < to; ) {
        double piece = Math.min(Math.min(noise / speed(curve, t), (to - from) / 16), to - t);
        for (int i = 0; i < Legendre.PLACES; i++) {
          double place = t + piece * Legendre.place(i);
          path.at(curve, place, xy);
          sum.add(xy[0], xy[1], Legendre.weight(i) * piece * weight(place) / curves);
        }
        t += piece;
      }
    }
    return sum.build();
  }

  private double speed(int curve, double t) {
    double h = (to - from) * 1e-6;
    double[] before = new double[2];
    double[] behind = new double[2];
    path.at(curve, t - h, before);
    path.at(curve, t + h, behind);
    return StrictMath.hypot(behind[0] - before[0], behind[1] - before[1]) / (2 * h);
  }
}
