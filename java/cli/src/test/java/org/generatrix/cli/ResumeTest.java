// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.generatrix.io.SafeTensors;
import org.generatrix.io.SafeTensorsFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Interrupted and resumed runs against straight ones. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ResumeTest {
  @TempDir Path temp;
  private final List<Process> started = new ArrayList<>();
  private Path data;

  @BeforeEach
  void data() throws IOException {
    data = TinyData.write(temp.resolve("data"));
  }

  @AfterEach
  void endProcesses() {
    for (Process process : started) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** Its learning rate is constant, so that runs of different lengths agree as far as both go. */
  private List<Object> line(Path out, int epochs) {
    return new ArrayList<>(
        List.of(
            "train",
            "rbm",
            "--data",
            data,
            "--out",
            out,
            "--hidden",
            30,
            "--epochs",
            epochs,
            "--batch-size",
            7,
            "--chains",
            10,
            "--learning-rate",
            0.01,
            "--final-learning-rate",
            0.01,
            "--momentum",
            0.5,
            "--threads",
            1,
            "--no-likelihood"));
  }

  private static void assertSameTensors(Path expected, Path actual) throws IOException {
    try (SafeTensorsFile a = SafeTensors.read(expected);
        SafeTensorsFile b = SafeTensors.read(actual)) {
      assertEquals(a.names(), b.names());
      for (String name : a.names()) {
        assertArrayEquals(a.shape(name), b.shape(name), name);
        assertEquals(a.bytes(name), b.bytes(name), name);
      }
    }
  }

  /**
   * Two tests in one, as it costs a process: the signal stops in good order, and the run goes on as
   * if there had been none.
   */
  @Test
  void aRunStoppedByASignalGoesOnBitForBit() throws Exception {
    Path stopped = temp.resolve("stopped");
    Path straight = temp.resolve("straight");
    Process process = start(line(stopped, 100_000));
    BufferedReader out = process.inputReader();
    String line;
    do {
      line = out.readLine();
    } while (line != null && !line.startsWith("epoch      3/"));
    assertTrue(line != null, () -> "ended early: " + read(process));
    boolean viaInterrupt = !ignoresInterrupts(process.pid());
    new ProcessBuilder("kill", viaInterrupt ? "-INT" : "-TERM", Long.toString(process.pid()))
        .start()
        .waitFor();
    String rest = String.join("\n", out.lines().toList());
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    assertEquals(
        viaInterrupt ? ExitCode.INTERRUPTED : 143, process.exitValue(), () -> rest + read(process));
    assertTrue(read(process).contains("Stopping after this batch"), rest);
    assertTrue(
        rest.contains("Continue with: generatrix train rbm --resume --out " + stopped), rest);
    assertTrue(
        Files.readString(stopped.resolve("report.html")).contains("class=\"notice\""),
        "the report says so");

    Matcher epoch = Pattern.compile("Stopped in epoch (\\d+) of 100000").matcher(rest);
    assertTrue(epoch.find(), rest);
    int total = Integer.parseInt(epoch.group(1)) + 3;
    Cli resumed =
        Cli.run(
            "train",
            "rbm",
            "--resume",
            "--out",
            stopped,
            "--epochs",
            total,
            "--threads",
            1,
            "--no-likelihood");
    assertEquals(ExitCode.OK, resumed.code(), resumed::toString);
    Cli whole = Cli.run(line(straight, total).toArray());
    assertEquals(ExitCode.OK, whole.code(), whole::toString);
    assertSameTensors(
        straight.resolve("checkpoint.safetensors"), stopped.resolve("checkpoint.safetensors"));
    assertSameTensors(straight.resolve("model.safetensors"), stopped.resolve("model.safetensors"));
    assertArrayEquals(
        Files.readAllBytes(straight.resolve("samples.png")),
        Files.readAllBytes(stopped.resolve("samples.png")));
    assertSameMetrics(straight.resolve("metrics.csv"), stopped.resolve("metrics.csv"));
  }

  /**
   * A progress bar may pull in what takes over the signals of a terminal; then Ctrl-C would just
   * kill.
   */
  @Test
  void ctrlCStopsInGoodOrderUnderAProgressBarToo() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "script gives a process a terminal");
    Path stopped = temp.resolve("stopped");
    // A test run in the background ignores interrupts, and its children would inherit that.
    String command =
        "env --default-signal=INT " + String.join(" ", command(line(stopped, 100_000)));
    ProcessBuilder builder = new ProcessBuilder("/usr/bin/script", "-qfec", command, "/dev/null");
    builder.environment().put("TERM", "xterm");
    builder.environment().remove("CI");
    Process terminal = builder.redirectErrorStream(true).start();
    started.add(terminal);
    Path metrics = stopped.resolve("metrics.csv");
    while (terminal.isAlive() && !(Files.exists(metrics) && Files.size(metrics) > 200)) {
      Thread.sleep(20);
    }
    terminal.getOutputStream().write(3); // what the terminal makes an interrupt of
    terminal.getOutputStream().flush();
    CompletableFuture<String> output =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return new String(terminal.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
              } catch (IOException e) {
                return e.toString();
              }
            });
    if (!terminal.waitFor(60, TimeUnit.SECONDS)) {
      terminal.descendants().forEach(ProcessHandle::destroyForcibly);
      terminal.destroyForcibly();
    }
    String shown = output.get(10, TimeUnit.SECONDS);
    assertTrue(
        shown.contains("\rtraining ") && shown.contains(" epoch "), "a progress bar: " + shown);
    assertTrue(shown.contains("Stopping after this batch"), shown);
    assertTrue(shown.contains("Continue with: "), shown);
    assertEquals(ExitCode.INTERRUPTED, terminal.exitValue(), shown);
    assertTrue(Files.exists(stopped.resolve("report.html")));
  }

  /** Every line is there once, and equal but for the times. */
  private static void assertSameMetrics(Path expected, Path actual) throws IOException {
    List<String> a = Files.readAllLines(expected);
    List<String> b = Files.readAllLines(actual);
    assertEquals(a.size(), b.size());
    for (int i = 0; i < a.size(); i++) {
      List<String> left = new ArrayList<>(Arrays.asList(a.get(i).split(",")));
      List<String> right = new ArrayList<>(Arrays.asList(b.get(i).split(",")));
      left.subList(1, 3).clear();
      right.subList(1, 3).clear();
      assertEquals(left, right);
    }
  }

  @Test
  void aKilledRunGoesOnFromItsLastCheckpoint() throws Exception {
    Path killed = temp.resolve("killed");
    Process process = start(line(killed, 100_000));
    BufferedReader out = process.inputReader();
    String line;
    do {
      line = out.readLine();
    } while (line != null && !line.startsWith("epoch      5/"));
    process.destroyForcibly().waitFor();
    assertTrue(line != null, () -> "ended early: " + read(process));
    // The kill may have cut a line or come before the checkpoint of the last one.
    Files.writeString(
        killed.resolve("metrics.csv"), "99,1.0,", java.nio.file.StandardOpenOption.APPEND);
    int epochs = Files.readAllLines(killed.resolve("metrics.csv")).size() + 3;
    Cli resumed =
        Cli.run(
            "train",
            "rbm",
            "--resume",
            "--out",
            killed,
            "--epochs",
            epochs,
            "--threads",
            1,
            "--no-likelihood");
    assertEquals(ExitCode.OK, resumed.code(), resumed::toString);
    Cli.run(line(temp.resolve("straight"), epochs).toArray());
    assertSameTensors(
        temp.resolve("straight/model.safetensors"), killed.resolve("model.safetensors"));
    assertSameMetrics(temp.resolve("straight/metrics.csv"), killed.resolve("metrics.csv"));
  }

  @Test
  void thereMustBeSomethingToResume() throws IOException {
    Path out = temp.resolve("run");
    Cli cli = Cli.run("train", "rbm", "--resume", "--out", out);
    assertEquals(ExitCode.FAILURE, cli.code());
    assertEquals(
        "error: " + out + " holds no checkpoint to resume from; start anew without --resume.",
        cli.error());
  }

  @Test
  void otherDataAreRefused() throws IOException {
    Path out = temp.resolve("run");
    Cli.run(line(out, 1).toArray());
    org.generatrix.data.Idx.writeImages(
        data.resolve("train-images-idx3-ubyte"), TinyData.images(TinyData.TRAIN, 77));
    Cli cli = Cli.run("train", "rbm", "--resume", "--out", out, "--epochs", 2);
    assertEquals(ExitCode.FAILURE, cli.code());
    assertTrue(cli.error().contains("was trained on the data"), cli::toString);
  }

  @Test
  void aDamagedCheckpointIsRefused() throws IOException {
    Path out = temp.resolve("run");
    Cli.run(line(out, 1).toArray());
    Path checkpoint = out.resolve("checkpoint.safetensors");
    byte[] bytes = Files.readAllBytes(checkpoint);
    Files.write(checkpoint, Arrays.copyOf(bytes, bytes.length - 10));
    Cli cli = Cli.run("train", "rbm", "--resume", "--out", out, "--epochs", 2);
    assertEquals(ExitCode.FAILURE, cli.code());
    assertTrue(cli.error().startsWith("error: " + checkpoint), cli::toString);
    Files.write(checkpoint, bytes);
    Files.writeString(out.resolve("run.json"), "{");
    assertTrue(
        Cli.run("train", "rbm", "--resume", "--out", out)
            .error()
            .startsWith("error: " + out.resolve("run.json")));
  }

  @Test
  void aFinishedRunOnlyRenewsItsReport() throws IOException {
    Path out = temp.resolve("run");
    Cli.run(line(out, 2).toArray());
    byte[] model = Files.readAllBytes(out.resolve("model.safetensors"));
    Cli again = Cli.run("train", "rbm", "--resume", "--out", out, "--no-likelihood");
    assertEquals(ExitCode.OK, again.code(), again::toString);
    assertArrayEquals(model, Files.readAllBytes(out.resolve("model.safetensors")));
    assertEquals(3, Files.readAllLines(out.resolve("metrics.csv")).size());
  }

  private Process start(List<Object> line) throws IOException {
    Process process =
        new ProcessBuilder(command(line)).redirectError(temp.resolve("stderr").toFile()).start();
    started.add(process);
    return process;
  }

  private static List<String> command(List<Object> line) {
    List<String> command =
        new ArrayList<>(List.of(ProcessHandle.current().info().command().orElse("java")));
    command.addAll(
        List.of(
            "-Xshare:auto",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName()));
    line.forEach(argument -> command.add(argument.toString()));
    return command;
  }

  /**
   * A process started in the background of a script ignores Ctrl-C from its first breath, and so do
   * its children.
   */
  private static boolean ignoresInterrupts(long pid) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith("SigIgn:")) {
        return (Long.parseUnsignedLong(line.substring(7).trim(), 16) & 1 << 1) != 0;
      }
    }
    return false;
  }

  private String read(Process process) {
    try {
      return Files.readString(temp.resolve("stderr"));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
