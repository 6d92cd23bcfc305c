// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.HexFormat;
import org.generatrix.fuzz.Mutations;
import org.generatrix.io.MalformedFileException;
import org.junit.jupiter.api.Test;

/**
 * Whatever the bytes, reading ends in an array that fits its sizes or in a MalformedFileException,
 * in bounded memory.
 */
class IdxFuzzTest {
  private static final byte[] SEED =
      HexFormat.of().parseHex("00000803000000020000000200000003" + "0102030405060708090a0b0c");

  @FuzzTest
  void fuzz(byte[] bytes) throws IOException {
    readOrRefuse(bytes);
  }

  @Test
  void mutationsOfPlainFiles() throws IOException {
    mutate(SEED, 1000);
  }

  /** Most changes of a gzip file fail its checksum. */
  @Test
  void mutationsOfGzipFiles() throws IOException {
    mutate(GzipInputTest.zip(SEED), 50);
  }

  /** Changes below the checksum reach the reader of the array through gzip. */
  @Test
  void gzipOfMutations() throws IOException {
    int accepted = 0;
    for (byte[] bytes : Mutations.of(SEED, 6, 5000)) {
      accepted += readOrRefuse(GzipInputTest.zip(bytes)) ? 1 : 0;
    }
    assertTrue(accepted > 100, "accepted " + accepted);
  }

  private static void mutate(byte[] seed, int atLeast) throws IOException {
    int accepted = 0;
    for (byte[] bytes : Mutations.of(seed, 7, 20_000)) {
      accepted += readOrRefuse(bytes) ? 1 : 0;
    }
    assertTrue(
        accepted > atLeast && accepted < 18_000,
        "accepted " + accepted + " of 20000: both ways must be taken");
  }

  private static boolean readOrRefuse(byte[] bytes) throws IOException {
    long before = Mutations.allocated();
    // What a short file may unzip to before it is refused; deflate makes at most 1032 bytes of one.
    long content = 1032L * bytes.length;
    try {
      IdxArray array = IdxReader.read(new ByteArrayInputStream(bytes), bytes.length, "fuzz");
      long elements = 1;
      for (int extent : array.shape()) {
        elements *= extent;
      }
      assertEquals(elements, array.size());
      assertEquals(elements, array.toFloats().length);
      try {
        Images images = IdxReader.images(array, "fuzz");
        assertEquals(images.pixels().length, (long) images.count() * images.size());
      } catch (MalformedFileException e) {
        assertTrue(e.getMessage().startsWith("fuzz: expected images"), e.getMessage());
      }
      return true;
    } catch (MalformedFileException e) {
      assertTrue(e.getMessage().startsWith("fuzz: "), e.getMessage());
      return false;
    } finally {
      Mutations.assertBounded(Mutations.allocated() - before, content);
    }
  }
}
