// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

import java.io.PrintStream;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import org.generatrix.eval.figures.TimedRunResult;

/** What a timed run came to, on the terminal and in the page of results. */
record TimedRunReport(TimedRunResult result) {
  static final MarkdownSection SECTION =
      new MarkdownSection(
          "timed-runs",
          List.of("run", "measure", "reached", "beside", "bar", "training", "date"),
          2);

  void print(PrintStream out) {
    for (TimedRunResult.Point point : result.curve()) {
      out.printf(Locale.ROOT, "%8.0f s  %.4f%n", point.seconds(), point.value());
    }
    for (TimedRunResult.Row row : result.rows()) {
      out.printf("%s: %s; beside %s; bar %s%n", row.measure(), value(row), row.beside(), bar(row));
    }
    out.printf(
        Locale.ROOT,
        "%s of training, %.1f s of evaluation%n",
        training(),
        result.evaluationSeconds());
  }

  List<List<String>> rows() {
    return result.rows().stream().map(this::cells).toList();
  }

  private List<String> cells(TimedRunResult.Row row) {
    return List.of(
        result.run().name(),
        row.measure(),
        value(row),
        row.beside(),
        bar(row),
        training(),
        LocalDate.now().toString());
  }

  private static String value(TimedRunResult.Row row) {
    return String.format(Locale.ROOT, "%.4g %s", row.value(), row.unit()).strip();
  }

  private static String bar(TimedRunResult.Row row) {
    return row.bar() == null
        ? "-"
        : String.format(
            Locale.ROOT, "<= %s: %s", row.bar(), row.reached() ? "reached" : "NOT reached");
  }

  private String training() {
    return String.format(
        Locale.ROOT, "%.0f s, %d updates", result.trainingSeconds(), result.updates());
  }
}
