// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.generatrix.bench.peer.Pools;
import org.generatrix.bench.run.Launcher;
import org.generatrix.bench.run.ResultRow;
import org.generatrix.bench.run.ResultTable;
import org.generatrix.bench.run.RowFilter;
import org.generatrix.bench.run.Worker;
import org.generatrix.io.AtomicFile;
import org.generatrix.io.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code gx bench}: measures ours against the peers in one run. */
@Command(
    name = "gx bench",
    description = {
      "Runs the benchmark rows whose names contain a FILTER, ours and the peers in turn.",
      "",
      "Times are medians of single calls in milliseconds; the ratio is the peer's over ours; the spread is the median absolute",
      "deviation over the median, ours / the peer's. Rates count the operations of the dense product (2 m n k). Ours reads sums of",
      "binary states from tables and does fewer, so that its share of the sgemm ceiling may exceed 100 %%."
    },
    footer = {"", "gx bench --jmh ARGUMENTS passes everything behind it to JMH (-h for its help)."},
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class Bench implements Callable<Integer> {
  private static final MarkdownSection SECTION =
      new MarkdownSection("speed", withDate(ResultTable.COLUMNS, "date"), 3);

  @Parameters(
      paramLabel = "FILTER",
      arity = "0..*",
      description = "Parts of row names; * stands for anything. All rows if none.")
  private List<String> filter = new ArrayList<>();

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the rows as a JSON array.")
  private Path json;

  @Option(
      names = "--results",
      paramLabel = "FILE",
      description = "Merges the rows into the table of a Markdown file, bench/RESULTS.md.")
  private Path results;

  @Option(
      names = "--threads",
      paramLabel = "N",
      split = ",",
      description = "Thread counts, 2,1 if not given.")
  private List<Integer> threads = List.of(2, 1);

  @Option(
      names = "--pools",
      description =
          "How libtorch's thread pools wait: shipped (as it comes), tuned (a short spin, its best), or both, one process each. Both if not given.")
  private PoolChoice pools = PoolChoice.BOTH;

  @Option(names = "--quick", description = "Few repeats: to see that it runs, not to publish.")
  private boolean quick;

  @Option(names = "--list", description = "Prints the names of the rows and ends.")
  private boolean list;

  enum PoolChoice {
    SHIPPED,
    TUNED,
    BOTH
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length > 0 && arguments[0].equals("--jmh")) {
      System.exit(Launcher.jmh(List.of(arguments).subList(1, arguments.length)));
    }
    System.exit(CommandLines.of(new Bench()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    RowFilter matching = new RowFilter(filter);
    List<BenchRow> rows = Worker.rows().stream().filter(row -> matching.test(row.name())).toList();
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(
          "expected a row to match " + filter + ", got none; --list names them all");
    }
    if (list) {
      rows.forEach(row -> System.out.println(row.name()));
      return 0;
    }
    check();
    String machine = Machine.describe();
    System.out.println(machine);
    List<String> heading = new ArrayList<>();
    heading.add("Last run: " + LocalDate.now() + ", `" + command() + "`, on " + machine + ".");
    heading.add("");
    List<ResultRow> measured = new ArrayList<>();
    for (Pools choice : List.of(Pools.TUNED, Pools.SHIPPED)) {
      List<Integer> counts = counts(choice);
      if (rows.stream().anyMatch(row -> counts.stream().anyMatch(n -> row.runs(n, choice)))) {
        measure(choice, counts, measured, heading);
      }
    }
    // As the families list them, and what belongs together side by side.
    List<String> names = rows.stream().map(BenchRow::name).toList();
    measured.sort(
        Comparator.comparingInt((ResultRow row) -> names.indexOf(row.name()))
            .thenComparing(Comparator.comparingInt(ResultRow::threads).reversed()));
    write(measured, heading);
    return 0;
  }

  private void check() {
    if (results != null && !Files.isRegularFile(results)) {
      throw new IllegalArgumentException(
          "expected --results to name an existing file, got " + results);
    }
    for (int count : threads) {
      if (count < 1) {
        throw new IllegalArgumentException("expected --threads of at least 1, got " + count);
      }
    }
  }

  /**
   * Thread counts to run with a setting; one thread has nobody to wait for, so one of both is
   * enough there.
   */
  private List<Integer> counts(Pools choice) {
    return switch (pools) {
      case TUNED -> choice == Pools.TUNED ? threads : List.of();
      case SHIPPED -> choice == Pools.SHIPPED ? threads : List.of();
      case BOTH ->
          choice == Pools.TUNED ? threads : threads.stream().filter(count -> count > 1).toList();
    };
  }

  private void measure(
      Pools choice, List<Integer> counts, List<ResultRow> rows, List<String> heading)
      throws IOException, InterruptedException {
    String setting = "Thread pools " + choice.name().toLowerCase(Locale.ROOT);
    System.out.println(setting + ".");
    Launcher.Outcome outcome = Launcher.run(choice, quick, counts, filter);
    rows.addAll(outcome.rows());
    outcome.ceilings().forEach(line -> heading.add("- " + setting + ", " + line + "."));
  }

  private void write(List<ResultRow> rows, List<String> heading) throws IOException {
    if (json != null) {
      AtomicFile.write(
          json, Json.printIndented(rows.stream().map(ResultRow::toJson).toList()) + "\n");
    }
    if (results != null) {
      String date = LocalDate.now().toString();
      SECTION.update(
          results,
          heading,
          rows.stream().map(row -> withDate(ResultTable.cells(row), date)).toList());
    }
  }

  private static List<String> withDate(List<String> cells, String date) {
    List<String> all = new ArrayList<>(cells);
    all.add(date);
    return List.copyOf(all);
  }

  private String command() {
    String words = filter.isEmpty() ? "" : " " + String.join(" ", filter);
    return "gx bench"
        + words
        + " --pools "
        + pools.name().toLowerCase(Locale.ROOT)
        + (quick ? " --quick" : "");
  }
}
