// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

/**
 * The way from vector a to vector b along the arc between them: sin((1 - t) w) / sin w a + sin(t w)
 * / sin w b, w their angle (Shoemake, "Animating rotation with quaternion curves", 1985). Where
 * they are in line, it is straight.
 */
final class Arc {
  private static final double IN_LINE = 1e-6; // sines below it

  private final float[] a;
  private final float[] b;
  private final int from;
  private final int units;
  private final double angle;

  private Arc(float[] a, float[] b, int from, int units, double angle) {
    this.a = a;
    this.b = b;
    this.from = from;
    this.units = units;
    this.angle = angle;
  }

  static Arc between(float[] a, float[] b, int from, int units) {
    double aa = 0;
    double bb = 0;
    double ab = 0;
    for (int i = from; i < from + units; i++) {
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
      ab += (double) a[i] * b[i];
    }
    double cosine = ab / Math.sqrt(aa * bb); // NaN for a zero vector: a straight line
    return new Arc(a, b, from, units, Math.acos(Math.min(Math.max(cosine, -1), 1)));
  }

  /** Writes the vector at t in [0, 1]; exactly a at 0 and b at 1. */
  void at(double t, float[] to, int first) {
    double sine = Math.sin(angle);
    boolean line = !(sine > IN_LINE) || t == 0 || t == 1;
    double wa = line ? 1 - t : Math.sin((1 - t) * angle) / sine;
    double wb = line ? t : Math.sin(t * angle) / sine;
    for (int i = 0; i < units; i++) {
      to[first + i] = (float) (wa * a[from + i] + wb * b[from + i]);
    }
  }
}
