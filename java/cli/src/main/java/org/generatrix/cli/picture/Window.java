// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.picture;

import java.util.Arrays;

/** A rectangle of the plane, in the units of the data. */
public record Window(double left, double right, double bottom, double top) {
  private static final double OUTLIERS = 0.001; // at either end, that need not be shown
  private static final double MARGIN = 0.1; // of the range
  private static final double MOST_ASPECT = 2.5;

  public Window {
    if (!(left < right && bottom < top && finite(right - left) && finite(top - bottom))) {
      throw new IllegalArgumentException(
          "A window needs left < right and bottom < top, got %s, %s, %s and %s."
              .formatted(left, right, bottom, top));
    }
  }

  /** The square of so much to every side of the origin. */
  public static Window square(double half) {
    return new Window(-half, half, -half, half);
  }

  /**
   * What shows nearly all points, with a margin, at the same scale across and up; a long and thin
   * set gets room beside it.
   *
   * @param rows [n][columns]
   * @param across the column that grows from left to right, and the one that grows upwards
   */
  public static Window around(float[] rows, int columns, int across, int up) {
    double[] x = range(rows, columns, across);
    double[] y = range(rows, columns, up);
    double least = Math.max(x[1] - x[0], y[1] - y[0]) / MOST_ASPECT;
    widen(x, least);
    widen(y, least);
    return new Window(x[0], x[1], y[0], y[1]);
  }

  /** The same of columns whose units have nothing to do with each other: a square in a picture. */
  public static Window unscaled(float[] rows, int columns, int across, int up) {
    double[] x = range(rows, columns, across);
    double[] y = range(rows, columns, up);
    return new Window(x[0], x[1], y[0], y[1]);
  }

  /** The range of a column that holds nearly all of it, with a margin. */
  static double[] range(float[] rows, int columns, int column) {
    float[] values = new float[rows.length / columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = rows[i * columns + column];
    }
    Arrays.sort(values);
    int n = values.length;
    while (n > 0 && !Float.isFinite(values[n - 1])) {
      n--;
    }
    int first = 0;
    while (first < n && !Float.isFinite(values[first])) {
      first++;
    }
    if (first == n) {
      return new double[] {-1, 1};
    }
    int cut = (int) (OUTLIERS * (n - first));
    double low = values[first + cut];
    double high = values[n - 1 - cut];
    double margin = high > low ? MARGIN * (high - low) : Math.max(1, Math.abs(low)) / 2;
    return new double[] {low - margin, high + margin};
  }

  private static void widen(double[] range, double least) {
    double lacking = least - (range[1] - range[0]);
    if (lacking > 0) {
      range[0] -= lacking / 2;
      range[1] += lacking / 2;
    }
  }

  private static boolean finite(double x) {
    return Math.abs(x) < Float.MAX_VALUE;
  }

  public double width() {
    return right - left;
  }

  public double height() {
    return top - bottom;
  }
}
