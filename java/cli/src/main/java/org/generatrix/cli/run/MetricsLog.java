// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.generatrix.io.AtomicFile;
import org.generatrix.train.TrainingEvent;
import org.generatrix.train.TrainingListener;

/**
 * The metrics of a run as a CSV file, one line per epoch, appended as the epochs end so that a
 * killed run keeps its lines. A metric that was not measured in an epoch is an empty cell. Seconds
 * count training and measuring, over all parts of a resumed run.
 */
public final class MetricsLog implements TrainingListener {
  public static final String EPOCH = "epoch";
  public static final String SECONDS = "seconds";
  public static final String RATE = "samples_per_second";

  private final Path file;
  private final List<String> columns;
  private final List<Map<String, Double>> rows = new ArrayList<>();
  private double secondsBefore;

  private MetricsLog(Path file, List<String> metrics) {
    this.file = file;
    this.columns = new ArrayList<>(List.of(EPOCH, SECONDS, RATE));
    columns.addAll(metrics);
  }

  /** Begins a new file with these metrics. */
  public static MetricsLog create(Path file, List<String> metrics) throws IOException {
    MetricsLog log = new MetricsLog(file, metrics);
    AtomicFile.write(file, log.header());
    return log;
  }

  /**
   * Goes on with a file after {@code epoch}: later lines, which a resumed run measures again, and a
   * line that was cut short are dropped.
   */
  public static MetricsLog resume(Path file, List<String> metrics, int epoch) throws IOException {
    MetricsLog log = new MetricsLog(file, metrics);
    StringBuilder kept = new StringBuilder(log.header());
    if (Files.exists(file)) {
      List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
      boolean same = !lines.isEmpty() && lines.get(0).equals(log.header().strip());
      for (String line : same ? lines.subList(1, lines.size()) : List.<String>of()) {
        Map<String, Double> row = log.parse(line);
        if (row == null || row.get(EPOCH) > epoch) {
          break;
        }
        log.rows.add(row);
        kept.append(line).append('\n');
      }
    }
    AtomicFile.write(file, kept.toString());
    log.secondsBefore = log.rows.isEmpty() ? 0 : log.rows.get(log.rows.size() - 1).get(SECONDS);
    return log;
  }

  @Override
  public void onEpoch(TrainingEvent event) {
    Map<String, Double> row = new LinkedHashMap<>();
    row.put(EPOCH, (double) event.epoch());
    row.put(SECONDS, secondsBefore + event.seconds());
    row.put(RATE, event.rate());
    columns.stream().skip(row.size()).forEach(name -> row.put(name, event.metrics().get(name)));
    rows.add(row);
    try {
      Files.writeString(file, print(row), StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean isEmpty() {
    return rows.isEmpty();
  }

  /** A column over all epochs; NaN where it was not measured. */
  public double[] column(String name) {
    return rows.stream()
        .mapToDouble(row -> row.get(name) == null ? Double.NaN : row.get(name))
        .toArray();
  }

  /** The last value of a column, NaN if there is none. */
  public double last(String name) {
    double[] column = column(name);
    return column.length == 0 ? Double.NaN : column[column.length - 1];
  }

  private String header() {
    return String.join(",", columns) + "\n";
  }

  private String print(Map<String, Double> row) {
    StringBuilder line = new StringBuilder();
    for (String column : columns) {
      Double value = row.get(column);
      boolean whole = value != null && column.equals(EPOCH);
      line.append(line.isEmpty() ? "" : ",")
          .append(value == null ? "" : whole ? "" + value.intValue() : "" + value);
    }
    return line.append('\n').toString();
  }

  /** The row of a line, or null if the line is not whole. */
  private Map<String, Double> parse(String line) {
    String[] cells = line.split(",", -1);
    if (cells.length != columns.size()) {
      return null;
    }
    Map<String, Double> row = new LinkedHashMap<>();
    try {
      for (int i = 0; i < cells.length; i++) {
        row.put(columns.get(i), cells[i].isEmpty() ? null : Double.valueOf(cells[i]));
      }
    } catch (NumberFormatException e) {
      return null;
    }
    return row.get(EPOCH) == null || row.get(SECONDS) == null ? null : row;
  }
}
