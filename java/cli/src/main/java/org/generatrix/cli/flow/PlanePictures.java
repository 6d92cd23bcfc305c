// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.flow;

import java.util.Arrays;
import org.generatrix.cli.PointSet;
import org.generatrix.cli.picture.Palette;
import org.generatrix.cli.picture.Plane;
import org.generatrix.cli.picture.TileShape;
import org.generatrix.cli.picture.Window;
import org.generatrix.data.PointDensity;
import org.generatrix.model.flow.FlowModel;
import org.generatrix.tensor.Tensor;

/** What a flow of points in the plane looks like: its density, its samples, and how it bends. */
final class PlanePictures {
  private static final int WIDTH = 860;
  private static final int BESIDE = 690; // each of two
  private static final int HEIGHT = 520; // of planes that stand side by side
  private static final int SHOWN = 4000; // points, beyond which they run into each other
  private static final int TILE = 90; // across, of a density while it forms
  private static final int LINES = 13; // of the grid, each way
  private static final int STEPS = 1200; // of a line
  private static final float THIN = 1.6f;

  private final FlowModel model;
  private final PointSet data;
  private final Window window;
  private double mass = Double.NaN;

  PlanePictures(FlowModel model, PointSet data) {
    this.model = model;
    this.data = data;
    window = Window.around(data.train(), 2, 0, 1);
  }

  /** The density as brightness, beside the true one where it is known. */
  byte[] density() {
    Plane learnt = plane(data.truth() == null ? WIDTH : BESIDE);
    double[] log = logDensity(learnt.cells());
    mass = learnt.mass(log);
    learnt.density(log).figures();
    if (data.truth() == null) {
      return Plane.png(learnt);
    }
    Plane truth = plane(BESIDE);
    truth.density(logDensity(data.truth(), truth.cells())).figures();
    return Plane.png(truth.label("of the data"), learnt.label("of the model"));
  }

  private Plane plane(int width) {
    return new Plane(window, width);
  }

  /** How much of the density lies in the picture; NaN before there is one. */
  double mass() {
    return mass;
  }

  private double[] logDensity(float[] points) {
    try (Tensor x = Tensor.of(model.device(), points, points.length / 2, 2)) {
      return model.logLikelihood(x);
    }
  }

  private static double[] logDensity(PointDensity density, float[] points) {
    double[] log = new double[points.length / 2];
    Arrays.setAll(log, i -> density.logDensity(points[2 * i], points[2 * i + 1]));
    return log;
  }

  /** Test points, and samples over them. */
  byte[] samples(float[] samples) {
    float[] test = shown(data.test(), 2 * SHOWN);
    Plane points = plane(BESIDE).points(test, 2, 0, 1, Plane.DATA).figures();
    Plane over = plane(BESIDE).points(test, 2, 0, 1, Plane.DATA);
    over.points(shown(samples, test.length), 2, 0, 1, Plane.MODEL).figures();
    return Plane.png(points.label("test points"), over.label("samples over them"));
  }

  private static float[] shown(float[] points, int most) {
    return points.length <= most ? points : Arrays.copyOf(points, most);
  }

  /**
   * A square grid of latents with the codes of the test points, and the same grid among the points
   * after the flow has taken it back to them.
   */
  byte[] grid() {
    float[] test = shown(data.test(), 2 * SHOWN);
    float[] codes;
    try (Tensor x = Tensor.of(model.device(), test, test.length / 2, 2);
        Tensor z = model.encode(x)) {
      codes = z.toArray();
    }
    double half = half(codes);
    Plane latent = Plane.ofHeight(Window.square(1.18 * half), HEIGHT);
    latent.points(codes, 2, 0, 1, Plane.DATA);
    Plane bent = Plane.ofHeight(window, HEIGHT).points(test, 2, 0, 1, Plane.DATA);
    float[] lines = lines(half);
    float[] back = decoded(lines);
    for (int k = 0; k < 2 * LINES; k++) {
      int from = 2 * k * STEPS;
      int to = from + 2 * STEPS;
      java.awt.Color color = k < LINES ? Plane.ACROSS : Plane.UP;
      latent.line(Arrays.copyOfRange(lines, from, to), color, THIN);
      bent.line(Arrays.copyOfRange(back, from, to), color, THIN);
    }
    return Plane.png(latent.figures().label("latents"), bent.figures().label("data"));
  }

  /** Nothing where the flow cannot be taken back; lines that are no numbers are not drawn. */
  private float[] decoded(float[] lines) {
    try (Tensor z = Tensor.of(model.device(), lines, lines.length / 2, 2);
        Tensor x = model.decode(z)) {
      return x.toArray();
    } catch (ArithmeticException e) {
      float[] nothing = new float[lines.length];
      Arrays.fill(nothing, Float.NaN);
      return nothing;
    }
  }

  /** How far the grid reaches: about as far as nearly all codes do, in halves. */
  private static double half(float[] codes) {
    double[] sizes = new double[codes.length];
    Arrays.setAll(sizes, i -> Math.abs(codes[i]));
    double[] finite = Arrays.stream(sizes).filter(Double::isFinite).sorted().toArray();
    double far = finite.length == 0 ? 3 : finite[(int) (0.998 * (finite.length - 1))];
    return Math.max(1, Math.min(10, Math.ceil(2 * far) / 2));
  }

  /** {@value #LINES} lines across, then as many up, each [STEPS][2]. */
  private static float[] lines(double half) {
    float[] lines = new float[2 * 2 * LINES * STEPS];
    for (int k = 0; k < LINES; k++) {
      float fixed = (float) (half * (2.0 * k / (LINES - 1) - 1));
      for (int i = 0; i < STEPS; i++) {
        float moving = (float) (half * (2.0 * i / (STEPS - 1) - 1));
        int across = 2 * (k * STEPS + i);
        int up = across + 2 * LINES * STEPS;
        lines[across] = moving;
        lines[across + 1] = fixed;
        lines[up] = fixed;
        lines[up + 1] = moving;
      }
    }
    return lines;
  }

  /**
   * The density in few cells, for a row of them over the epochs; values of {@link Palette#HEAT}.
   */
  float[] forming() {
    TileShape tile = formingTile();
    return Plane.shades(logDensity(Plane.cells(window, tile.width(), tile.height())));
  }

  TileShape formingTile() {
    int height = (int) Math.round(TILE * window.height() / window.width());
    return new TileShape(Math.max(1, height), TILE);
  }
}
