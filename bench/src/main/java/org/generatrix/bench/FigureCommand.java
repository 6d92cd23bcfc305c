// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.generatrix.binding.Device;
import org.generatrix.data.Mnist;
import org.generatrix.data.PictureSet;
import org.generatrix.eval.LogLikelihood;
import org.generatrix.eval.figures.Comparison;
import org.generatrix.eval.figures.ComparisonResult;
import org.generatrix.eval.figures.Figure;
import org.generatrix.eval.figures.FigureResult;
import org.generatrix.eval.figures.Figures;
import org.generatrix.eval.figures.TimedRun;
import org.generatrix.eval.figures.TimedRunResult;
import org.generatrix.io.AtomicFile;
import org.generatrix.train.TrainingEvent;
import org.generatrix.train.TrainingListener;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code gx figure}: reruns a training that stands behind a published figure. */
@Command(
    name = "gx figure",
    description = {
      "Trains and measures one published figure again, or lists those there are.",
      "",
      "The last line is JSON. The exit code is 0 if the bar is reached, 3 if it is not."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class FigureCommand implements Callable<Integer> {
  private static final int NOT_REACHED = 3;
  private static final MarkdownSection SECTION =
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

  private static final MarkdownSection COMPARISONS =
      new MarkdownSection(
          "comparisons",
          List.of("run", "setting", "ours", "peer", "measure", "training", "date"),
          2);

  @Parameters(
      paramLabel = "NAME",
      arity = "0..1",
      description = "The figure; the list if none is named.")
  private String name;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder of the data set: data/mnist, or data/emoji for runs on colour pictures, if not given.")
  private Path data;

  @Option(
      names = "--samples",
      paramLabel = "FILE",
      description = "PNG file for pictures drawn from the model, of runs that draw them.")
  private Path samples;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads, those of the machine if not given.")
  private int threads;

  @Option(
      names = "--results",
      paramLabel = "FILE",
      description = "Enters the figure in the table of a Markdown file, bench/RESULTS.md.")
  private Path results;

  public static void main(String[] arguments) {
    System.exit(CommandLines.of(new FigureCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    PrintStream out = System.out;
    if (name == null) {
      Figures.all().forEach(figure -> out.println(describe(figure)));
      Figures.comparisons().forEach(each -> out.println(describe(each.name(), each.title())));
      Figures.timedRuns().forEach(each -> out.println(describe(each.name(), each.title())));
      return 0;
    }
    if (results != null && !Files.isRegularFile(results)) {
      throw new IllegalArgumentException(
          "expected --results to name an existing file, got " + results);
    }
    TimedRun timed = Figures.timedRun(name).orElse(null);
    if (timed != null) {
      return time(timed, out);
    }
    Comparison comparison = Figures.comparison(name).orElse(null);
    Figure figure = comparison == null ? Figures.of(name) : null;
    if (samples != null) {
      throw drawsNothing();
    }
    Mnist.Split mnist = Mnist.load(folder("mnist"));
    if (comparison != null) {
      return compare(comparison, mnist, out);
    }
    out.println(describe(figure));
    FigureResult result;
    try (Device device = Device.cpu(threads)) {
      result = figure.run(device, mnist, new EpochLines(System.err));
    }
    report(result, out);
    if (results != null) {
      SECTION.update(results, machine(), List.of(cells(result)));
    }
    out.println(result.toJson());
    return result.reached() ? 0 : NOT_REACHED;
  }

  private Path folder(String set) {
    Path folder = data == null ? Path.of("data", set) : data;
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          "expected the files of "
              + set
              + " in "
              + folder
              + ", found no such folder; 'gx data "
              + set
              + "' fetches them");
    }
    return folder;
  }

  private static List<String> machine() {
    return List.of("Machine of the last run: " + Machine.describe() + ".");
  }

  private int time(TimedRun run, PrintStream out) throws IOException {
    if (samples != null && run.data() == TimedRun.Data.NONE) {
      throw drawsNothing();
    }
    PictureSet pictures =
        switch (run.data()) {
          case NONE -> null;
          case MNIST -> PictureSet.load(folder("mnist"));
          case EMOJI -> PictureSet.load(folder("emoji"));
        };
    out.println(describe(run.name(), run.title()));
    TimedRunResult result;
    try (Device device = Device.cpu(threads)) {
      result = run.run(device, pictures, new EpochLines(System.err));
    }
    TimedRunReport report = new TimedRunReport(result);
    report.print(out);
    if (samples != null && result.samples() != null) { // else the report says why there are none
      AtomicFile.write(samples, SampleGrid.png(result.samples()));
    }
    if (results != null) {
      TimedRunReport.SECTION.update(results, machine(), report.rows());
    }
    out.println(result.toJson());
    return result.reached() ? 0 : NOT_REACHED;
  }

  private IllegalArgumentException drawsNothing() {
    return new IllegalArgumentException("expected no --samples: " + name + " draws no pictures");
  }

  private int compare(Comparison comparison, Mnist.Split mnist, PrintStream out)
      throws IOException {
    out.println(describe(comparison.name(), comparison.title()));
    ComparisonResult result;
    try (Device device = Device.cpu(threads)) {
      result = comparison.run(device, mnist, new EpochLines(System.err));
    }
    List<List<String>> rows = new ArrayList<>();
    for (ComparisonResult.Row row : result.rows()) {
      String ours = String.format(Locale.ROOT, "%.5f", row.ours());
      String theirs = String.format(Locale.ROOT, "%.5f", row.theirs());
      out.printf("%-12s %s, %s %s%n", row.setting(), ours, row.peer(), theirs);
      rows.add(
          List.of(
              comparison.name(),
              row.setting(),
              ours,
              theirs + " (" + row.peer() + ")",
              result.unit(),
              String.format(
                  Locale.ROOT, "%d epochs, all %.0f s", result.epochs(), result.trainingSeconds()),
              LocalDate.now().toString()));
    }
    if (results != null) {
      COMPARISONS.update(results, machine(), rows);
    }
    out.println(result.toJson());
    return result.reached() ? 0 : NOT_REACHED;
  }

  private static String describe(String name, String title) {
    return String.format(Locale.ROOT, "%-14s %s", name, title);
  }

  private static String describe(Figure figure) {
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

  private static void report(FigureResult result, PrintStream out) {
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
    out.println("data code   " + code(result));
    out.printf(
        Locale.ROOT,
        "time        %.1f s of training (%d epochs), %.1f s of evaluation%n",
        result.trainingSeconds(),
        result.epochs(),
        result.evaluationSeconds());
  }

  private static List<String> cells(FigureResult result) {
    Figure figure = result.figure();
    return List.of(
        figure.name(),
        nats(result.value()),
        result.reverse() == null ? "-" : nats(result.reverse()),
        String.format(Locale.ROOT, "%.2f", figure.published()),
        bar(figure),
        code(result),
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
  private static String code(FigureResult result) {
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

  /** A line for every tenth part of the training, and one a minute. */
  private static final class EpochLines implements TrainingListener {
    private static final double INTERVAL = 60; // seconds

    private final PrintStream out;
    private double last;

    EpochLines(PrintStream out) {
      this.out = out;
    }

    @Override
    public void onEpoch(TrainingEvent event) {
      int tenth = Math.max(1, event.epochs() / 10);
      if (event.epoch() % tenth == 0 || event.seconds() > last + INTERVAL) {
        last = event.seconds();
        out.printf(
            Locale.ROOT,
            "epoch %d of %d, %.0f s, %.0f examples/s%n",
            event.epoch(),
            event.epochs(),
            event.seconds(),
            event.rate());
      }
    }
  }
}
