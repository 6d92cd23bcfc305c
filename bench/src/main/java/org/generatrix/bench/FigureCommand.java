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
import org.generatrix.eval.figures.Comparison;
import org.generatrix.eval.figures.ComparisonResult;
import org.generatrix.eval.figures.Figure;
import org.generatrix.eval.figures.FigureResult;
import org.generatrix.eval.figures.Figures;
import org.generatrix.eval.figures.TimedRun;
import org.generatrix.eval.figures.TimedRunResult;
import org.generatrix.io.AtomicFile;
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
      Figures.all().forEach(figure -> out.println(FigureReport.describe(figure)));
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
    out.println(FigureReport.describe(figure));
    FigureResult result;
    try (Device device = Device.cpu(threads)) {
      result = figure.run(device, mnist, new EpochLines(System.err));
    }
    FigureReport report = new FigureReport(result);
    report.print(out);
    if (results != null) {
      FigureReport.SECTION.update(results, machine(), List.of(report.cells()));
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
}
