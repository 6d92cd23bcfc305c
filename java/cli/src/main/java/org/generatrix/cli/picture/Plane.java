// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.picture;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import org.generatrix.cli.Text;

/**
 * A window of the plane as a picture: a density, points and lines, drawn one over the other. Dark
 * like the pictures of units, so that it stands on a light page as on a dark one.
 */
public final class Plane {
  /** What belongs to the data, and what to the model. */
  public static final Color DATA = new Color(0x74b3ea);

  public static final Color MODEL = new Color(0xf2994f);

  /** Lines of a grid, those that run across and those that run up. */
  public static final Color ACROSS = new Color(0xf2994f);

  public static final Color UP = new Color(0xffe0b8);

  private static final Color GROUND = new Color(0x101214);
  private static final Color FRAME = new Color(0x33383f);
  private static final Color FIGURES = new Color(0xa5aeb8);
  private static final int GUTTER = 8;
  private static final int CELL = 3; // pixels of a density's cell
  private static final double PEAK = 0.999; // of the cells, above which all are equally bright
  private static final double GAMMA = 0.7; // lifts what is thin
  private static final int TICKS = 5; // about so many across
  private static final double FAR = 1e6; // pixels that a line may lie outside

  private final Window window;
  private final BufferedImage image;
  private final Graphics2D graphics;

  /** An empty one of so many pixels across; its height follows from the window. */
  public Plane(Window window, int width) {
    this(window, width, (int) Math.max(1, Math.round(width * window.height() / window.width())));
  }

  /** An empty one whose units across and up have nothing to do with each other. */
  public Plane(Window window, int width, int height) {
    this.window = window;
    image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    graphics = image.createGraphics();
    graphics.setColor(GROUND);
    graphics.fillRect(0, 0, width, height);
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
  }

  /** An empty one of so many pixels up. */
  public static Plane ofHeight(Window window, int height) {
    return new Plane(window, (int) Math.round(height * window.width() / window.height()), height);
  }

  // --- Densities ------------------------------------------------------------------------------

  private int cellsAcross() {
    return (image.getWidth() + CELL - 1) / CELL;
  }

  private int cellsUp() {
    return (image.getHeight() + CELL - 1) / CELL;
  }

  /** The middles of the cells that {@link #density} wants to know, [cells][2], from the top row. */
  public float[] cells() {
    return cells(window, cellsAcross(), cellsUp());
  }

  /** The middles of so many cells of a window, [up * across][2], row by row from the top. */
  public static float[] cells(Window window, int across, int up) {
    float[] cells = new float[2 * across * up];
    for (int i = 0; i < up; i++) {
      for (int j = 0; j < across; j++) {
        int cell = 2 * (i * across + j);
        cells[cell] = (float) (window.left() + (j + 0.5) / across * window.width());
        cells[cell + 1] = (float) (window.top() - (i + 0.5) / up * window.height());
      }
    }
    return cells;
  }

  /** How much of a density lies in the window, by the sum over the cells. */
  public double mass(double[] logDensity) {
    double sum = Arrays.stream(logDensity).map(Math::exp).filter(Double::isFinite).sum();
    return sum * window.width() * window.height() / logDensity.length;
  }

  /** A density as brightness, from its logarithm in each of {@link #cells}. */
  public Plane density(double[] logDensity) {
    int across = cellsAcross();
    int up = cellsUp();
    float[] shades = shades(logDensity);
    BufferedImage cells = new BufferedImage(across, up, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < up; i++) {
      for (int j = 0; j < across; j++) {
        cells.setRGB(j, i, Palette.HEAT.rgb(shades[i * across + j]));
      }
    }
    graphics.drawImage(cells, 0, 0, image.getWidth(), image.getHeight(), null);
    return this;
  }

  /** From log-densities to values in [0, 1] for {@link Palette#HEAT}; what is no number is 0. */
  public static float[] shades(double[] logDensity) {
    double[] sorted = Arrays.stream(logDensity).filter(Double::isFinite).sorted().toArray();
    float[] shades = new float[logDensity.length];
    if (sorted.length == 0) {
      return shades;
    }
    double peak = sorted[(int) Math.min(sorted.length - 1.0, PEAK * sorted.length)];
    for (int i = 0; i < shades.length; i++) {
      double share = Math.exp(GAMMA * (logDensity[i] - peak));
      shades[i] = Double.isNaN(share) ? 0 : (float) Math.min(1, share);
    }
    return shades;
  }

  // --- Points and lines -----------------------------------------------------------------------

  /** Rows [n][columns] as dots, fainter where there are many; those that are no numbers are not. */
  public Plane points(float[] rows, int columns, int across, int up, Color color) {
    int n = rows.length / columns;
    double radius = n > 2000 ? 1.8 : 2.6;
    int alpha = n > 2000 ? 110 : n > 500 ? 160 : 220;
    graphics.setColor(new Color(color.getRed(), color.getGreen(), color.getBlue(), alpha));
    for (int i = 0; i < n; i++) {
      double x = x(rows[i * columns + across]);
      double y = y(rows[i * columns + up]);
      if (x > -radius && x < image.getWidth() + radius && y > -radius && y < image.getHeight()) {
        graphics.fill(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
      }
    }
    return this;
  }

  /** A line through points [n][2]; it is broken where one is no number. */
  public Plane line(float[] points, Color color, float thickness) {
    graphics.setColor(color);
    graphics.setStroke(new BasicStroke(thickness, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    Path2D.Double path = new Path2D.Double();
    boolean drawing = false;
    for (int i = 0; i + 1 < points.length; i += 2) {
      double x = x(points[i]);
      double y = y(points[i + 1]);
      if (!(Math.abs(x) < FAR && Math.abs(y) < FAR)) {
        drawing = false;
      } else if (drawing) {
        path.lineTo(x, y);
      } else {
        path.moveTo(x, y);
        drawing = true;
      }
    }
    graphics.draw(path);
    return this;
  }

  // --- Figures --------------------------------------------------------------------------------

  /** A word in the upper left corner. */
  public Plane label(String text) {
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 19));
    graphics.setColor(FIGURES);
    graphics.drawString(text, 14f, 28f);
    return this;
  }

  /** A few round numbers along the lower and the left edge. */
  public Plane figures() {
    return figures(true, true);
  }

  /** A few round numbers along the lower edge, the left one or both. */
  public Plane figures(boolean lower, boolean left) {
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 17));
    graphics.setColor(FIGURES);
    graphics.setStroke(new BasicStroke(1.5f));
    if (lower) {
      for (double v : round(window.left(), window.right(), step(window.width() / TICKS))) {
        String text = Text.number(v);
        double at = x(v);
        double half = graphics.getFontMetrics().stringWidth(text) / 2.0;
        if (at - half > 40 && at + half < image.getWidth() - 4) { // clear of those at the left
          graphics.draw(new Line2D.Double(at, image.getHeight() - 7, at, image.getHeight()));
          graphics.drawString(text, (float) (at - half), image.getHeight() - 12f);
        }
      }
    }
    if (left) {
      double ticks = TICKS * image.getHeight() / (double) image.getWidth();
      for (double v : round(window.bottom(), window.top(), step(window.height() / ticks))) {
        double at = y(v);
        if (at > 48 && at < image.getHeight() - 32) { // clear of the label and of those below
          graphics.draw(new Line2D.Double(0, at, 7, at));
          graphics.drawString(Text.number(v), 12f, (float) (at + 6));
        }
      }
    }
    return this;
  }

  /** 1, 2 or 5 times a power of ten, the nearest above. */
  static double step(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double times : new double[] {1, 2, 5}) {
      if (times * power >= least) {
        return times * power;
      }
    }
    return 10 * power;
  }

  private static double[] round(double low, double high, double step) {
    long first = (long) Math.ceil(low / step);
    long last = (long) Math.floor(high / step);
    double[] values = new double[(int) Math.max(0, last - first + 1)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (first + i) * step;
    }
    return values;
  }

  private double x(double value) {
    return (value - window.left()) / window.width() * image.getWidth();
  }

  private double y(double value) {
    return (window.top() - value) / window.height() * image.getHeight();
  }

  // --- Pictures -------------------------------------------------------------------------------

  /** A PNG of planes side by side. */
  public static byte[] png(Plane... sideBySide) {
    return png(List.of(sideBySide), sideBySide.length);
  }

  /** A PNG of planes in rows of so many; those in a column are equally wide, in a row as high. */
  public static byte[] png(List<Plane> planes, int columns) {
    int width = 0;
    int height = 0;
    for (int j = 0; j < columns; j++) {
      width += planes.get(j).image.getWidth() + (j == 0 ? 0 : GUTTER);
    }
    for (int i = 0; i < planes.size(); i += columns) {
      height += planes.get(i).image.getHeight() + (i == 0 ? 0 : GUTTER);
    }
    BufferedImage all = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D canvas = all.createGraphics();
    canvas.setColor(FRAME);
    canvas.fillRect(0, 0, width, height);
    int top = 0;
    for (int i = 0; i < planes.size(); i += columns) {
      int left = 0;
      for (Plane plane : planes.subList(i, Math.min(planes.size(), i + columns))) {
        canvas.drawImage(plane.image, left, top, null);
        left += plane.image.getWidth() + GUTTER;
      }
      top += planes.get(i).image.getHeight() + GUTTER;
    }
    canvas.dispose();
    planes.forEach(plane -> plane.graphics.dispose());
    return Png.encode(all);
  }
}
