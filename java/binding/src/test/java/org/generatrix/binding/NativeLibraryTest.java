// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loading happens once per process, so each case here is a process of its own. */
public class NativeLibraryTest {
  @TempDir private Path temporary;

  /** The program of those processes. */
  public static final class Probe {
    public static void main(String[] args) {
      for (int attempt = 0; attempt < 2; attempt++) { // the second failure is as clear as the first
        try (Device device = Device.cpu(1)) {
          device.setThreads(2);
          System.out.println("loaded " + NativeInfo.libraryPath());
        } catch (GeneratrixException e) {
          System.out.println("refused " + e.getMessage());
        }
      }
    }
  }

  private static List<String> probe(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    Collections.addAll(command, options);
    Collections.addAll(
        command, "-cp", System.getProperty("java.class.path"), Probe.class.getName());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor());
    List<String> lines = out.lines().toList();
    assertEquals(2, lines.size(), out);
    assertEquals(lines.get(0), lines.get(1));
    return lines;
  }

  private void copyFiles() throws IOException {
    try (var files = Files.list(Path.of(NativeInfo.libraryPath()))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, temporary.resolve(file.getFileName()));
      }
    }
  }

  @Test
  void loadsFromTheFolderOfTheProperty() throws Exception {
    copyFiles();
    assertEquals("loaded " + temporary, probe("-Dgeneratrix.native.dir=" + temporary).get(0));
  }

  @Test
  void saysWhichFileTheFolderLacks() throws Exception {
    copyFiles();
    Files.delete(temporary.resolve("libgeneratrix.so.0"));
    String line = probe("-Dgeneratrix.native.dir=" + temporary).get(0);
    assertTrue(
        line.startsWith("refused") && line.contains(temporary + " has no libgeneratrix.so.0"),
        line);
  }

  @Test
  void saysThatAFileIsNotALibrary() throws Exception {
    copyFiles();
    Files.write(temporary.resolve("libgeneratrix.so.0"), new byte[100]);
    String line = probe("-Dgeneratrix.native.dir=" + temporary).get(0);
    assertTrue(
        line.startsWith("refused") && line.contains("cannot load the files in " + temporary), line);
  }

  @Test
  void saysThatThePlatformHasNoFiles() throws Exception {
    String line = probe("-Dorg.bytedeco.javacpp.platform=linux-riscv64").get(0);
    assertTrue(line.contains("not available on linux-riscv64"), line);
    assertTrue(line.contains("generatrix-platform"), line);
  }
}
