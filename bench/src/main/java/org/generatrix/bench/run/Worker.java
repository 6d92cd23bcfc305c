// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.run;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.RowFamily;
import org.generatrix.bench.peer.OpenBlas;
import org.generatrix.bench.peer.Pools;
import org.generatrix.io.Json;

/**
 * The process that measures: all matching rows, one after the other, in an environment that {@link
 * Launcher} has prepared.
 */
public final class Worker {
  /** How long a row is measured. */
  public static final Interleaved.Plan FULL = new Interleaved.Plan(21, 5, 30, 30_000);

  public static final Interleaved.Plan QUICK = new Interleaved.Plan(3, 1, 10, 3000);

  private Worker() {}

  /** The rows of all families, in the order of the service list. */
  public static List<BenchRow> rows() {
    return ServiceLoader.load(RowFamily.class).stream()
        .flatMap(family -> family.get().rows().stream())
        .toList();
  }

  /**
   * @param arguments where to write the result, "full" or "quick", the thread counts with commas,
   *     then the words of the filter
   */
  public static void main(String[] arguments) throws IOException {
    Path result = Path.of(arguments[0]);
    Interleaved.Plan plan = arguments[1].equals("quick") ? QUICK : FULL;
    RowFilter filter = new RowFilter(List.of(arguments).subList(3, arguments.length));
    List<BenchRow> rows = rows().stream().filter(row -> filter.test(row.name())).toList();

    PrintStream out = System.out;
    List<Object> measured = new ArrayList<>();
    List<Object> ceilings = new ArrayList<>();
    for (String count : arguments[2].split(",")) {
      int threads = Integer.parseInt(count);
      List<BenchRow> running =
          rows.stream().filter(row -> row.runs(threads, Pools.current())).toList();
      if (running.isEmpty()) {
        continue;
      }
      Ceilings ceiling = Ceilings.measure(threads);
      String said = ceiling + " (OpenBLAS core " + OpenBlas.core() + ")";
      ceilings.add(said);
      out.println(said);
      out.println(ResultTable.header());
      for (BenchRow row : running) {
        for (ResultRow line : RowRunner.run(row, ceiling, plan)) {
          out.println(ResultTable.line(line));
          measured.add(line.toJson());
        }
      }
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("ceilings", ceilings);
    all.put("rows", measured);
    Files.writeString(result, Json.print(all));
  }
}
