// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void writesAndReplaces() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFile.write(file, "long first content");
    assertEquals("long first content", Files.readString(file));
    AtomicFile.write(file, "second");
    assertEquals("second", Files.readString(file));
    assertEquals(List.of("a.txt"), names());
  }

  @Test
  void aFailureLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFile.write(file, "old");
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(new byte[100_000]);
                      throw new IOException("No space left on device");
                    }));
    assertEquals("cannot write " + file + ": no space left on device", e.getMessage());
    assertThrows(
        ArithmeticException.class,
        () ->
            AtomicFile.write(
                file,
                out -> {
                  out.write(1);
                  throw new ArithmeticException("a bug in the caller");
                }));
    assertEquals("old", Files.readString(file));
    assertEquals(List.of("a.txt"), names());
  }

  @Test
  void theOldFileIsThereUntilTheNewOneIsWhole() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFile.write(file, "old");
    AtomicFile.write(
        file,
        out -> {
          out.write("new".getBytes(StandardCharsets.UTF_8));
          assertEquals("old", Files.readString(file));
        });
    assertEquals("new", Files.readString(file));
  }

  @Test
  void anInterruptedThreadCanStillWrite() throws IOException {
    Path file = folder.resolve("a.bin");
    byte[] content = new byte[1 << 20];
    content[content.length - 1] = 7;
    Thread.currentThread().interrupt();
    try {
      AtomicFile.write(file, content);
    } finally {
      assertTrue(Thread.interrupted(), "the interrupt itself is not swallowed");
    }
    assertArrayEquals(content, Files.readAllBytes(file));
  }

  @Test
  void refusesWhatIsNoFile() {
    IOException isFolder = assertThrows(IOException.class, () -> AtomicFile.write(folder, "x"));
    assertEquals(
        "cannot write " + folder + ": expected a file, found a folder", isFolder.getMessage());
    Path missing = folder.resolve("no/such/file");
    IOException noFolder = assertThrows(IOException.class, () -> AtomicFile.write(missing, "x"));
    assertEquals(
        "cannot write " + missing + ": the folder " + folder.resolve("no/such") + " does not exist",
        noFolder.getMessage());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void refusesDevicesRatherThanReplacingThem() {
    IOException e =
        assertThrows(IOException.class, () -> AtomicFile.write(Path.of("/dev/full"), "x"));
    assertEquals(
        "cannot write /dev/full: expected a regular file, found a device or pipe", e.getMessage());
    assertFalse(Files.isRegularFile(Path.of("/dev/full")));
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void aLinkStaysALinkAndPermissionsStay() throws IOException {
    Path file = folder.resolve("real");
    Path link = folder.resolve("link");
    AtomicFile.write(file, "old");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.createSymbolicLink(link, file);
    AtomicFile.write(link, "new");
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("new", Files.readString(file));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void anUnwritableFolderIsOneSentence() {
    // Not by permissions, which do not bind root: no one creates files in /proc.
    IOException e =
        assertThrows(
            IOException.class, () -> AtomicFile.write(Path.of("/proc/self/generatrix"), "x"));
    assertTrue(e.getMessage().startsWith("cannot write /proc/self/generatrix: "), e.getMessage());
    assertFalse(e.getMessage().contains("\n"));
  }

  /**
   * A write that really fails in the middle: the shell lets the child's files grow to 64 kB only.
   */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aFullDiskLeavesTheOldFile() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")));
    Path file = folder.resolve("model.safetensors");
    AtomicFile.write(file, "old");
    Process child =
        new ProcessBuilder(
                "/bin/bash",
                "-c",
                "ulimit -f 64; exec \"$@\"",
                "bash",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                WriteLargeFile.class.getName(),
                file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(child.waitFor(60, TimeUnit.SECONDS));
    assertEquals(3, child.exitValue(), output);
    assertEquals("cannot write " + file + ": file too large", output.strip());
    assertEquals("old", Files.readString(file));
    assertEquals(List.of("model.safetensors"), names());
  }

  /** Run in a child process; exits with 3 and the message when writing fails. */
  static final class WriteLargeFile {
    public static void main(String[] args) {
      try {
        SafeTensors.writer()
            .floats("W", new long[] {100_000}, new float[100_000])
            .write(Path.of(args[0]));
      } catch (IOException e) {
        System.out.println(e.getMessage());
        System.exit(3);
      }
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().collect(Collectors.toList());
    }
  }
}
