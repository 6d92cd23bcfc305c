// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.run;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.generatrix.bench.peer.Pools;
import org.generatrix.io.Json;

/**
 * Starts a {@link Worker} with the environment the peers need: libraries read it when they are
 * loaded, so it takes a new process.
 */
public final class Launcher {
  /**
   * What a worker measured.
   *
   * @param ceilings one line per thread count
   */
  public record Outcome(List<String> ceilings, List<ResultRow> rows) {}

  private Launcher() {}

  /**
   * Runs a worker to its end; its table goes to the terminal.
   *
   * @throws IllegalStateException when it fails
   */
  public static Outcome run(Pools pools, boolean quick, List<Integer> threads, List<String> filter)
      throws IOException, InterruptedException {
    Path result = Files.createTempFile("generatrix-bench", ".json");
    try {
      List<String> arguments = new ArrayList<>();
      arguments.add(result.toString());
      arguments.add(quick ? "quick" : "full");
      arguments.add(threads.stream().map(String::valueOf).collect(Collectors.joining(",")));
      arguments.addAll(filter);
      int exit = start(pools, Worker.class, arguments);
      if (exit != 0) {
        throw new IllegalStateException(
            "the benchmark process failed: expected exit code 0, got " + exit);
      }
      return read(Json.parseObject(Files.readString(result)));
    } finally {
      Files.deleteIfExists(result);
    }
  }

  /** Runs JMH with its own arguments; its forks inherit the environment. The exit code. */
  public static int jmh(List<String> arguments) throws IOException, InterruptedException {
    return start(Pools.TUNED, org.openjdk.jmh.Main.class, arguments);
  }

  private static int start(Pools pools, Class<?> main, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-Xmx2g", "-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    pools.apply(builder.environment());
    return builder.start().waitFor();
  }

  @SuppressWarnings("unchecked") // written by Worker
  private static Outcome read(Map<String, Object> json) {
    List<ResultRow> rows =
        ((List<Map<String, Object>>) json.get("rows")).stream().map(ResultRow::of).toList();
    return new Outcome((List<String>) json.get("ceilings"), rows);
  }
}
