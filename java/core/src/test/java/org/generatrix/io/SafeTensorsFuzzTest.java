// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.generatrix.fuzz.Mutations;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Whatever the bytes, reading ends in a file that holds together or in one documented exception, in
 * bounded memory.
 */
class SafeTensorsFuzzTest {
  // Jazzer calls the target on an instance per input; a folder per input would be most of the time.
  private static Path folder;

  @BeforeAll
  static void makeFolder() throws IOException {
    folder = Files.createTempDirectory("generatrix-fuzz");
  }

  @AfterAll
  static void removeFolder() throws IOException {
    Files.deleteIfExists(folder.resolve("file"));
    Files.delete(folder);
  }

  @FuzzTest
  void fuzz(byte[] bytes) throws IOException {
    readOrRefuse(bytes);
  }

  @Test
  void mutations() throws IOException {
    Path file = folder.resolve("file");
    SafeTensors.writer()
        .metadata("kind", "rbm")
        .floats("W", new long[] {2, 3}, new float[6])
        .longs("step", new long[0], new long[1])
        .bytes("u", "U8", new long[] {3}, new byte[3])
        .write(file);
    byte[] seed = Files.readAllBytes(file);
    int accepted = 0;
    for (byte[] bytes : Mutations.of(seed, 4, 5000)) {
      accepted += readOrRefuse(bytes) ? 1 : 0;
    }
    assertTrue(
        accepted > 50 && accepted < 4500,
        "accepted " + accepted + " of 5000: both ways must be taken");
  }

  private static boolean readOrRefuse(byte[] bytes) throws IOException {
    // Removed and not truncated: some file systems force a file to the disk that was truncated.
    Files.deleteIfExists(folder.resolve("file"));
    Path path = Files.write(folder.resolve("file"), bytes);
    long before = Mutations.allocated();
    try (SafeTensorsFile file = SafeTensors.read(path)) {
      long covered = 0;
      for (String name : file.names()) {
        covered += file.bytes(name).remaining();
        long elements = 1;
        for (long extent : file.shape(name)) {
          elements *= extent;
        }
        assertEquals(
            elements * ElementType.of(file.dtype(name)).bytes(), file.bytes(name).remaining());
        if (file.dtype(name).equals("F32")) {
          assertEquals(elements, file.floats(name).length);
        }
      }
      assertTrue(covered < bytes.length);
      return true;
    } catch (MalformedFileException e) {
      assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
      return false;
    } finally {
      Mutations.assertBounded(Mutations.allocated() - before, bytes.length);
    }
  }
}
