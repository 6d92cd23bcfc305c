// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.flow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.generatrix.cli.PointSet;
import org.generatrix.cli.picture.Plane;
import org.generatrix.cli.picture.Window;

/**
 * Points of many columns and samples beside them, the first few columns against each other: each
 * column's histogram in the diagonal, test points below it, samples above.
 */
final class PairPictures {
  static final int COLUMNS = 4; // at most
  private static final int WIDTH = 1400;
  private static final int BINS = 40;
  private static final int SHOWN = 2000; // points
  private static final double HEADROOM = 1.15;

  private PairPictures() {}

  /** In the units that the points were read in. */
  static byte[] samples(PointSet data, float[] samples) {
    int columns = data.dimensions();
    float[] test = data.original(data.test());
    float[] drawn = data.original(samples);
    int shown = Math.min(COLUMNS, columns);
    int side = WIDTH / shown;
    List<Plane> planes = new ArrayList<>();
    for (int up = 0; up < shown; up++) {
      for (int across = 0; across < shown; across++) {
        planes.add(
            across == up
                ? histograms(test, drawn, columns, across, side).label(data.columns().get(across))
                : pair(test, drawn, columns, across, up, side));
      }
    }
    return Plane.png(planes, shown);
  }

  /** As many of the one kind as of the other. */
  private static Plane pair(
      float[] test, float[] samples, int columns, int across, int up, int side) {
    Plane plane = new Plane(Window.unscaled(test, columns, across, up), side, side);
    boolean below = across < up;
    int length = Math.min(SHOWN * columns, Math.min(test.length, samples.length));
    return plane.points(
        Arrays.copyOf(below ? test : samples, length),
        columns,
        across,
        up,
        below ? Plane.DATA : Plane.MODEL);
  }

  private static Plane histograms(
      float[] test, float[] samples, int columns, int column, int side) {
    Window range = Window.unscaled(test, columns, column, column);
    double[] data = histogram(test, columns, column, range);
    double[] model = histogram(samples, columns, column, range);
    double most =
        Math.max(Arrays.stream(data).max().orElse(1), Arrays.stream(model).max().orElse(1));
    Window window = new Window(range.left(), range.right(), 0, HEADROOM * (most > 0 ? most : 1));
    return new Plane(window, side, side)
        .line(steps(data, range), Plane.DATA, 2.5f)
        .line(steps(model, range), Plane.MODEL, 2.5f)
        .figures(true, false);
  }

  /** The share of each bin; what lies outside or is no number is in none. */
  private static double[] histogram(float[] rows, int columns, int column, Window range) {
    double[] bins = new double[BINS];
    int n = rows.length / columns;
    for (int i = 0; i < n; i++) {
      double at = (rows[i * columns + column] - range.left()) / range.width() * BINS;
      if (at >= 0 && at < BINS) {
        bins[(int) at] += 1.0 / n;
      }
    }
    return bins;
  }

  /** The outline of a histogram, as points of a line. */
  private static float[] steps(double[] bins, Window range) {
    float[] line = new float[4 * BINS];
    for (int i = 0; i < BINS; i++) {
      line[4 * i] = (float) (range.left() + i * range.width() / BINS);
      line[4 * i + 2] = (float) (range.left() + (i + 1) * range.width() / BINS);
      line[4 * i + 1] = (float) bins[i];
      line[4 * i + 3] = (float) bins[i];
    }
    return line;
  }
}
