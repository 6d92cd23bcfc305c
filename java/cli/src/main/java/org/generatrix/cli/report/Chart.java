// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.generatrix.cli.picture.Png;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * One small curve chart: a title that says what is measured and in which unit, epochs along x, one
 * line per series: solid, dashed, and a thin dotted one for what the others are compared with.
 * Drawn by XChart with a transparent background, once for a light and once for a dark page.
 */
public record Chart(String title, List<Line> lines) {
  /** One line; points whose y is not finite, or beyond 1e15, are left out. */
  public record Line(String name, double[] x, double[] y) {
    public Line {
      if (x.length != y.length) {
        throw new IllegalArgumentException(
            "A line needs as many y as x, got " + y.length + " and " + x.length + ".");
      }
    }
  }

  /**
   * Width and height in CSS pixels; the pictures have twice as many, for sharp text on any screen.
   */
  public static final int WIDTH = 460;

  public static final int HEIGHT = 270;
  private static final int DENSITY = 2;
  private static final int MOST_POINTS = 500;

  /**
   * Beyond it the plotting library searches for axis labels without end; a curve up there is a
   * diverged one anyway.
   */
  private static final double LARGEST = 1e15;

  /**
   * Shifts the first point by what nobody can see: where all x are equally spaced, the plotting
   * library labels them one by one until they run into each other, and else at round steps.
   */
  private static final double OFF_RASTER = 0.01;

  private static final Theme LIGHT =
      new Theme(new Color(0x57606a), new Color(0xdfe3e8), new Color(0xc2571a), new Color(0x1f6fb2));
  private static final Theme DARK =
      new Theme(new Color(0x9aa4af), new Color(0x2d333b), new Color(0xf0914a), new Color(0x6cb0ec));

  /** Colours, the same as in report.css. */
  private record Theme(Color text, Color grid, Color first, Color second) {}

  /** True if any line has a point to draw. */
  public boolean hasPoints() {
    return lines.stream().anyMatch(line -> drawn(line).length > 0);
  }

  public byte[] lightPng() {
    return png(LIGHT);
  }

  public byte[] darkPng() {
    return png(DARK);
  }

  private byte[] png(Theme theme) {
    XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).build();
    style(chart.getStyler(), theme);
    for (int i = 0; i < lines.size(); i++) {
      Color[] colors = {theme.first(), theme.second(), theme.text()};
      add(chart, lines.get(i), colors[i % colors.length], i);
    }
    BufferedImage image =
        new BufferedImage(WIDTH * DENSITY, HEIGHT * DENSITY, BufferedImage.TYPE_INT_ARGB);
    Graphics2D graphics = image.createGraphics();
    graphics.scale(DENSITY, DENSITY);
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    chart.paint(graphics, WIDTH, HEIGHT);
    graphics.dispose();
    return Png.encode(image);
  }

  private static void add(XYChart chart, Line line, Color color, int index) {
    int[] drawn = drawn(line);
    if (drawn.length == 0) {
      return;
    }
    double[] x = Arrays.stream(drawn).mapToDouble(i -> line.x()[i]).toArray();
    x[0] -= OFF_RASTER;
    double[] y = Arrays.stream(drawn).mapToDouble(i -> line.y()[i]).toArray();
    XYSeries series = chart.addSeries(line.name(), x, y);
    series.setLineColor(color);
    series.setMarkerColor(color);
    // The others are dashed and dotted as well as differently coloured, for readers who do not tell
    // the colours apart.
    float[][] dashes = {null, {5f, 4f}, {1f, 4f}};
    float width = index < 2 ? 2f : 1.5f;
    float[] dash = dashes[index % dashes.length];
    series.setLineStyle(
        new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND, 1f, dash, 0f));
    series.setMarker(drawn.length == 1 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
  }

  private void style(XYStyler style, Theme theme) {
    Color clear = new Color(0, 0, 0, 0);
    Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
    style.setLocale(Locale.ROOT);
    style.setBaseFont(font);
    style.setChartBackgroundColor(clear);
    style.setPlotBackgroundColor(clear);
    style.setPlotBorderVisible(false);
    style.setChartTitleVisible(false);
    style.setAxisTitlesVisible(false);
    style.setChartPadding(4);
    style.setPlotMargin(0);
    style.setAxisTickLabelsFont(font);
    style.setAxisTickLabelsColor(theme.text());
    style.setAxisTicksLineVisible(false);
    style.setAxisTicksMarksVisible(false);
    style.setPlotGridVerticalLinesVisible(false);
    style.setPlotGridLinesColor(theme.grid());
    style.setPlotGridLinesStroke(new BasicStroke(1f));
    style.setXAxisMin(0.0); // epochs are counted from there, so that ticks fall on round ones
    style.setXAxisTickMarkSpacingHint(75);
    style.setYAxisTickMarkSpacingHint(46);
    style.setXAxisDecimalPattern("0");
    style.setYAxisDecimalPattern("0.####");
    style.setLegendVisible(false);
    style.setChartFontColor(theme.text());
    style.setAntiAlias(true);
  }

  /**
   * The points that are drawn: those that can be, thinned evenly to what the width can show; the
   * last one always stays.
   */
  private static int[] drawn(Line line) {
    int[] drawable =
        IntStream.range(0, line.y().length)
            .filter(i -> Math.abs(line.y()[i]) <= LARGEST)
            .toArray(); // NaN compares false
    int step = (drawable.length + MOST_POINTS - 1) / MOST_POINTS;
    return IntStream.range(0, drawable.length)
        .filter(k -> (drawable.length - 1 - k) % step == 0)
        .map(k -> drawable[k])
        .toArray();
  }
}
