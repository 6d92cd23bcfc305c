// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.run;

import java.util.List;
import java.util.Locale;

/** Result rows as text for a terminal and as cells for a Markdown table. */
public final class ResultTable {
  public static final List<String> COLUMNS =
      List.of(
          "work and shape",
          "threads",
          "peer",
          "ours ms",
          "peer ms",
          "ratio",
          "rate",
          "of ceiling",
          "spread",
          "note");
  private static final String LINE = "%-34s %7s  %-17s %10s %10s %7s  %-17s %10s  %-13s  %s";

  private ResultTable() {}

  public static String header() {
    return LINE.formatted(COLUMNS.toArray()).stripTrailing();
  }

  public static String line(ResultRow row) {
    return LINE.formatted(cells(row).toArray()).stripTrailing();
  }

  /** The cells of {@link #COLUMNS}; "-" where there is no value. */
  public static List<String> cells(ResultRow row) {
    return List.of(
        row.name(),
        Integer.toString(row.threads()),
        row.peer() == null ? "-" : row.peer(),
        millis(row.oursMillis()),
        millis(row.peerMillis()),
        Double.isNaN(row.ratio()) ? "-" : String.format(Locale.ROOT, "%.2fx", row.ratio()),
        row.rate(),
        percent(row.ceilingShare()),
        percent(row.oursSpread())
            + (Double.isNaN(row.peerSpread()) ? "" : " / " + percent(row.peerSpread())),
        row.note());
  }

  /** Four significant digits or so at any size, without an exponent. */
  static String millis(double value) {
    if (Double.isNaN(value)) {
      return "-";
    }
    int digits =
        value >= 1000
            ? 0
            : value >= 100 ? 1 : value >= 10 ? 2 : value >= 1 ? 3 : value >= 0.01 ? 4 : 6;
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  private static String percent(double share) {
    return Double.isNaN(share)
        ? "-"
        : String.format(Locale.ROOT, share < 0.1 ? "%.1f %%" : "%.0f %%", 100 * share);
  }
}
