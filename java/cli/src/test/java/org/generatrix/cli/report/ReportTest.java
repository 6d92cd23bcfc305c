// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final double[] EPOCHS = {1, 2, 3};

  @Test
  void textIsEscapedEverywhere() {
    String evil = "<script>alert('&\"')</script>";
    String html =
        new Report(evil, evil)
            .notice(evil)
            .facts(List.of(new Report.Fact(evil, evil, evil)))
            .picture(evil, evil, new byte[] {1, 2, 3})
            .charts(
                evil,
                evil,
                List.of(new Chart(evil, List.of(new Chart.Line("line", EPOCHS, EPOCHS)))))
            .table(evil, evil, List.of(evil), List.of(List.of(evil, evil)))
            .pairs(evil, evil, Map.of(evil, evil))
            .html();
    assertFalse(html.contains("<script"), html);
    assertFalse(html.contains("alert('"), html);
    assertTrue(html.contains("&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;"));
  }

  @Test
  void nothingIsLoadedFromAnywhere() {
    String html = new Report("title", "lede").picture("p", "c", new byte[] {1}).html();
    assertFalse(html.matches("(?s).*(https?:|//www|@import|url\\().*"), html);
    assertTrue(html.contains("src=\"data:image/png;base64,AQ==\""));
  }

  @Test
  void chartsAreDrawnForBothThemesAtTwiceTheirSize() throws IOException {
    Chart chart =
        new Chart("a", List.of(new Chart.Line("one", EPOCHS, new double[] {1, Double.NaN, 3})));
    for (byte[] png : List.of(chart.lightPng(), chart.darkPng())) {
      BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
      assertEquals(2 * Chart.WIDTH, image.getWidth());
      assertEquals(2 * Chart.HEIGHT, image.getHeight());
      assertEquals(0, image.getRGB(0, 0) >>> 24, "the background is transparent");
    }
    assertFalse(Arrays.equals(chart.lightPng(), chart.darkPng()));
  }

  @Test
  void aSinglePointIsVisible() throws IOException {
    double[] one = {1};
    Chart chart = new Chart("a", List.of(new Chart.Line("one", one, one)));
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(chart.lightPng()));
    int orange = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int rgb = image.getRGB(x, y);
        orange += (rgb >> 24 & 0xff) == 255 && (rgb >> 16 & 0xff) > 2 * (rgb & 0xff) ? 1 : 0;
      }
    }
    assertTrue(orange > 20, "only " + orange + " pixels of the series");
  }

  @Test
  void aThirdLineIsNamedInTheLegend() {
    Chart.Line line = new Chart.Line("one", EPOCHS, EPOCHS);
    Chart.Line other = new Chart.Line("two", EPOCHS, EPOCHS);
    Chart.Line level = new Chart.Line("the floor", EPOCHS, new double[] {2, 2, 2});
    String html =
        new Report("t", "l")
            .charts("Curves", "", List.of(new Chart("a", List.of(line, other, level))))
            .html();
    assertTrue(html.contains("<span class=\"line2\">the floor</span>"));
    assertTrue(html.contains(".legend .line2::before"), "the style sheet knows it");
  }

  @Test
  void curvesOfAnySizeAreDrawnInTime() {
    double[] many = IntStream.rangeClosed(1, 100_000).asDoubleStream().toArray();
    double[][] curves = {
      many,
      {0.01, 0.01, 0.01},
      {0, 0},
      {1e30, 1, 2},
      {-1e14, 1e14},
      {1e-300, 2e-300},
      {100, 100.0000001}
    };
    for (double[] y : curves) {
      Chart chart =
          new Chart("a", List.of(new Chart.Line("one", Arrays.copyOf(many, y.length), y)));
      assertTimeoutPreemptively(Duration.ofSeconds(20), chart::lightPng);
    }
  }

  @Test
  void chartsWithoutPointsAreLeftOut() {
    Chart empty =
        new Chart(
            "nothing here",
            List.of(
                new Chart.Line("one", EPOCHS, new double[] {Double.NaN, Double.NaN, Double.NaN})));
    assertFalse(empty.hasPoints());
    assertFalse(
        new Report("t", "l").charts("Curves", "", List.of(empty)).html().contains("nothing here"));
    assertThrows(
        IllegalArgumentException.class, () -> new Chart.Line("one", EPOCHS, new double[2]));
  }
}
