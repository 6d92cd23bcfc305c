// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.imageio.ImageIO;
import org.generatrix.data.Images;
import org.generatrix.eval.figures.Figures;
import org.generatrix.eval.figures.TimedRunResult;
import org.generatrix.eval.figures.TimedRunResult.Point;
import org.generatrix.eval.figures.TimedRunResult.Row;
import org.junit.jupiter.api.Test;

class TimedRunReportTest {
  private static final TimedRunReport REPORT =
      new TimedRunReport(
          new TimedRunResult(
              Figures.timedRun("two-moons").orElseThrow(),
              List.of(
                  new Row("test nll", 0.29571, "nats", "floor 0.289", 0.4),
                  new Row("drawing", 1.25, "s", "51 pictures/s", null),
                  new Row("worse", 0.5, "nats", "floor 0.289", 0.4)),
              List.of(new Point(12.4, 0.31)),
              null,
              4321,
              119.6,
              2));

  @Test
  void rowsSayWhatWasAskedAndWhatWasNot() {
    List<List<String>> rows = REPORT.rows();
    assertEquals(
        List.of(
            "two-moons",
            "test nll",
            "0.2957 nats",
            "floor 0.289",
            "<= 0.4: reached",
            "120 s, 4321 updates"),
        rows.get(0).subList(0, 6));
    assertEquals("-", rows.get(1).get(4));
    assertEquals("<= 0.4: NOT reached", rows.get(2).get(4));
    String page = "<!-- timed-runs:begin -->\n<!-- timed-runs:end -->\n";
    String merged = TimedRunReport.SECTION.merged(page, "f.md", List.of(), rows);
    assertTrue(merged.contains("| two-moons | drawing | 1.250 s | 51 pictures/s | - |"), merged);
    assertEquals(merged, TimedRunReport.SECTION.merged(merged, "f.md", List.of(), rows));
  }

  @Test
  void printsTheCurveFirst() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    REPORT.print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    String said = bytes.toString(StandardCharsets.UTF_8);
    assertTrue(said.startsWith("      12 s  0.3100"), said);
    assertTrue(said.contains("test nll: 0.2957 nats; beside floor 0.289; bar <= 0.4"), said);
  }

  @Test
  void samplesStandInAGrid() throws IOException {
    byte[] pixels = new byte[3 * 3 * 4];
    pixels[12] = (byte) 200; // red of the second picture's first pixel
    Images three = new Images(3, 3, 2, 2, pixels);
    BufferedImage grid = ImageIO.read(new ByteArrayInputStream(SampleGrid.png(three)));
    assertEquals(2 + 2 * 6, grid.getWidth());
    assertEquals(grid.getWidth(), grid.getHeight());
    assertEquals(0x808080, grid.getRGB(0, 0) & 0xffffff);
    assertEquals(0, grid.getRGB(2, 2) & 0xffffff);
    assertEquals(0xc80000, grid.getRGB(8, 2) & 0xffffff);
    assertEquals(0xc80000, grid.getRGB(9, 3) & 0xffffff);
    assertEquals(0, grid.getRGB(10, 2) & 0xffffff);
    assertEquals(0x808080, grid.getRGB(9, 9) & 0xffffff, "where there is no fourth picture");
    Images grey = new Images(1, 1, 1, new byte[] {9});
    BufferedImage one = ImageIO.read(new ByteArrayInputStream(SampleGrid.png(grey)));
    assertEquals(0x090909, one.getRGB(2, 2) & 0xffffff);
  }
}
