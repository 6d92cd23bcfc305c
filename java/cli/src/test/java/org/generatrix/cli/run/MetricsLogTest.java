// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.generatrix.train.TrainingEvent;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
  private static final List<String> METRICS = List.of("loss", "gap");

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("metrics.csv");
  }

  private static TrainingEvent epoch(int epoch, double seconds, Map<String, Double> metrics) {
    return new TrainingEvent(
        null, epoch, 9, 0, 10, (long) (100 * seconds), seconds, metrics, null, null);
  }

  @Test
  void eachEpochIsALineAtOnce() throws IOException {
    MetricsLog log = MetricsLog.create(file, METRICS);
    assertTrue(log.isEmpty());
    log.onEpoch(epoch(1, 0.5, Map.of("loss", 3.25, "gap", -1.0, "ignored", 9.0)));
    assertEquals(
        "epoch,seconds,samples_per_second,loss,gap\n1,0.5,100.0,3.25,-1.0\n",
        Files.readString(file));
    log.onEpoch(epoch(2, 1, Map.of("loss", 3.0)));
    assertEquals("2,1.0,100.0,3.0,", Files.readAllLines(file).get(2));
    assertArrayEquals(new double[] {3.25, 3.0}, log.column("loss"));
    assertArrayEquals(new double[] {-1, Double.NaN}, log.column("gap"));
    assertEquals(2, log.last("epoch"));
  }

  @Test
  void resumingDropsWhatIsMeasuredAgainAndGoesOnCountingSeconds() throws IOException {
    MetricsLog log = MetricsLog.create(file, METRICS);
    for (int i = 1; i <= 4; i++) {
      log.onEpoch(epoch(i, i, Map.of("loss", 1.0 / i)));
    }
    MetricsLog resumed = MetricsLog.resume(file, METRICS, 2);
    assertEquals(3, Files.readAllLines(file).size());
    assertArrayEquals(new double[] {1, 2}, resumed.column("epoch"));
    resumed.onEpoch(epoch(3, 0.25, Map.of("loss", 0.5)));
    assertArrayEquals(new double[] {1, 2, 2.25}, resumed.column("seconds"));
    assertEquals("3,2.25,100.0,0.5,", Files.readAllLines(file).get(3));
  }

  @Test
  void aLineThatWasCutShortIsDropped() throws IOException {
    Files.writeString(
        file, "epoch,seconds,samples_per_second,loss,gap\n1,0.5,100.0,3.25,\n2,0.9,10");
    MetricsLog log = MetricsLog.resume(file, METRICS, 5);
    assertArrayEquals(new double[] {1}, log.column("epoch"));
    assertEquals(2, Files.readAllLines(file).size());
  }

  @Test
  void aFileOfOtherColumnsIsStartedAnew() throws IOException {
    Files.writeString(file, "epoch,seconds\n1,0.5\n");
    assertTrue(MetricsLog.resume(file, METRICS, 5).isEmpty());
    assertEquals(List.of("epoch,seconds,samples_per_second,loss,gap"), Files.readAllLines(file));
    Files.delete(file);
    assertTrue(MetricsLog.resume(file, METRICS, 5).isEmpty());
  }
}
