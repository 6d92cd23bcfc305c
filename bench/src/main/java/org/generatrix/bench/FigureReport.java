// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

import java.io.PrintStream;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import org.generatrix.eval.LogLikelihood;
import org.generatrix.eval.figures.Figure;
import org.generatrix.eval.figures.FigureResult;

/** What the rerun of a published figure came to, on the terminal and in the page of results. */
record FigureReport(FigureResult result) {
  static final MarkdownSection SECTION =
      new MarkdownSection(
          "figures",
          List.of(
              "figure",
              "reached",
              "reverse AIS",
              "published",
              "bar",
              "data",
              "training",
              "evaluation",
              "date"),
          1);

  static String describe(Figure figure) {
    return String.format(
        Locale.ROOT,
        "%-14s %s%n%14s published %.2f (%s); bar %s",
        figure.name(),
        figure.title(),
        "",
        figure.published(),
        figure.source(),
        bar(figure));
  }

  void print(PrintStream out) {
    Figure figure = result.figure();
    out.println("reached     " + result.value());
    if (result.reverse() != null) {
      out.println("reverse AIS " + result.reverse());
    }
    out.printf(Locale.ROOT, "published   %.2f nats, %s%n", figure.published(), figure.source());
    out.printf(
        Locale.ROOT,
        "bar         %s nats: %s%n",
        bar(figure),
        result.reached() ? "reached" : "NOT reached");
    out.println("data code   " + code());
    out.printf(
        Locale.ROOT,
        "time        %.1f s of training (%d epochs), %.1f s of evaluation%n",
        result.trainingSeconds(),
        result.epochs(),
        result.evaluationSeconds());
  }

  List<String> cells() {
    Figure figure = result.figure();
    return List.of(
        figure.name(),
        nats(result.value()),
        result.reverse() == null ? "-" : nats(result.reverse()),
        String.format(Locale.ROOT, "%.2f", figure.published()),
        bar(figure),
        code(),
        String.format(Locale.ROOT, "%.0f s, %d epochs", result.trainingSeconds(), result.epochs()),
        String.format(Locale.ROOT, "%.0f s", result.evaluationSeconds()),
        LocalDate.now().toString());
  }

  /** "-90", "-87.5". */
  private static String bar(Figure figure) {
    return String.format(
        Locale.ROOT, figure.bar() == Math.rint(figure.bar()) ? "%.0f" : "%.1f", figure.bar());
  }

  private static String nats(LogLikelihood value) {
    return value.certainty() == LogLikelihood.Certainty.EXACT
        ? String.format(Locale.ROOT, "%.2f (exact)", value.mean())
        : String.format(
            Locale.ROOT, "%.2f (%.2f to %.2f)", value.mean(), value.low(), value.high());
  }

  /**
   * The code of the literature for what the data were in training and test, where it has one, and
   * the words.
   */
  private String code() {
    String training = result.training();
    String test = result.value().binarisation().id();
    String words = "trained on " + training + ", tested on " + test;
    String code =
        switch (training + "/" + test) {
          case "intensities/resampled" -> "B-prob: ";
          case "resampled/resampled" -> "B-dyn: ";
          default -> "";
        };
    return code + words;
  }
}
