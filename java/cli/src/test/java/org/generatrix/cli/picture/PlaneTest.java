// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class PlaneTest {
  private static final Window UNIT = new Window(0, 1, 0, 1);
  private static final int GROUND = 0x101214;

  private static BufferedImage image(Plane... planes) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(Plane.png(planes)));
  }

  private static int rgb(BufferedImage image, int x, int y) {
    return image.getRGB(x, y) & 0xffffff;
  }

  @Test
  void pointsStandWhereTheyAre() throws IOException {
    float[] points = {0.25f, 0.75f, Float.NaN, 0.5f, 3, 3};
    BufferedImage image = image(new Plane(UNIT, 100).points(points, 2, 0, 1, Plane.DATA));
    assertEquals(100, image.getHeight());
    assertTrue(rgb(image, 25, 25) != GROUND, "up is up");
    assertEquals(GROUND, rgb(image, 25, 75));
    assertEquals(GROUND, rgb(image, 50, 50), "no number, no point");
  }

  @Test
  void columnsCanBeChosen() throws IOException {
    float[] row = {9, 0.25f, 9, 0.75f};
    BufferedImage image = image(new Plane(UNIT, 100).points(row, 4, 1, 3, Plane.MODEL));
    assertTrue(rgb(image, 25, 25) != GROUND);
  }

  @Test
  void linesAreBrokenAtWhatIsNoNumber() throws IOException {
    float[] line = {0, 0.5f, 0.4f, 0.5f, Float.NaN, 0.5f, 0.6f, 0.5f, 1, 0.5f, 1e30f, 0.5f};
    BufferedImage image = image(new Plane(UNIT, 100).line(line, Plane.MODEL, 3));
    assertTrue(rgb(image, 20, 50) != GROUND && rgb(image, 80, 50) != GROUND);
    assertEquals(GROUND, rgb(image, 50, 50));
  }

  @Test
  void aDensityIsBrightestWhereItIsGreatest() throws IOException {
    Plane plane = new Plane(UNIT, 100);
    float[] cells = plane.cells();
    double[] log = new double[cells.length / 2];
    for (int i = 0; i < log.length; i++) {
      double x = cells[2 * i] - 0.5;
      double y = cells[2 * i + 1] - 0.75;
      log[i] = -50 * (x * x + y * y) + Math.log(50 / Math.PI); // a normal density
    }
    assertEquals(0.994, plane.mass(log), 1e-3); // 2.5 deviations up
    log[0] = Double.NaN;
    BufferedImage image = image(plane.density(log));
    assertTrue(brightness(image, 50, 25) > brightness(image, 50, 40));
    assertTrue(brightness(image, 50, 40) > brightness(image, 50, 95));
  }

  private static int brightness(BufferedImage image, int x, int y) {
    int rgb = rgb(image, x, y);
    return (rgb >> 16) + (rgb >> 8 & 0xff) + (rgb & 0xff);
  }

  @Test
  void shadesAreSharesOfThePeak() {
    assertArrayEquals(
        new float[] {1, (float) Math.pow(0.5, 0.7), 0, 0},
        Plane.shades(new double[] {0, Math.log(0.5), Double.NEGATIVE_INFINITY, Double.NaN}),
        1e-6f);
    assertArrayEquals(new float[2], Plane.shades(new double[] {Double.NaN, Double.NaN}));
  }

  @Test
  void planesStandSideBySideAndBelowEachOther() throws IOException {
    BufferedImage row = image(new Plane(UNIT, 30), Plane.ofHeight(new Window(0, 2, 0, 1), 30));
    assertEquals(30 + 8 + 60, row.getWidth());
    assertEquals(30, row.getHeight());
    Plane[] four = {new Plane(UNIT, 9), new Plane(UNIT, 9), new Plane(UNIT, 9), new Plane(UNIT, 9)};
    BufferedImage square =
        ImageIO.read(new ByteArrayInputStream(Plane.png(Arrays.asList(four), 2)));
    assertEquals(26, square.getWidth());
    assertEquals(26, square.getHeight());
  }

  @Test
  void figuresAreRound() {
    assertEquals(0.2, Plane.step(0.11), 1e-12);
    assertEquals(0.5, Plane.step(0.5), 1e-12);
    assertEquals(10, Plane.step(5.1), 1e-12);
    Plane.png(new Plane(new Window(-3, 700, 1e-3, 2e-3), 300, 200).figures().label("tall"));
  }

  @Test
  void aWindowShowsNearlyAll() {
    Random random = new Random(1);
    float[] points = new float[20_000];
    for (int i = 0; i < points.length; i++) {
      points[i] = random.nextFloat() * (i % 2 == 0 ? 1 : 10);
    }
    points[0] = 1e6f; // far away, and no number
    points[2] = Float.NaN;
    points[3] = Float.POSITIVE_INFINITY;
    Window window = Window.around(points, 2, 0, 1);
    assertEquals(-1, window.bottom(), 0.1);
    assertEquals(11, window.top(), 0.1);
    assertEquals(12 / 2.5, window.width(), 0.2, "room beside what is thin");
    Window unscaled = Window.unscaled(points, 2, 0, 1);
    assertEquals(1.2, unscaled.width(), 0.05);
    float[] same = {3, 3, 3, 3};
    assertTrue(Window.around(same, 2, 0, 1).left() < 3);
    Window.around(new float[] {Float.NaN, Float.NaN}, 2, 0, 1);
    assertThrows(IllegalArgumentException.class, () -> new Window(1, 1, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> new Window(0, Double.NaN, 0, 1));
  }
}
