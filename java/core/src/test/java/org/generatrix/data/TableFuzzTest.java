// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.generatrix.data.TableFormat.Missing;
import org.generatrix.fuzz.Mutations;
import org.generatrix.io.MalformedFileException;
import org.junit.jupiter.api.Test;

/**
 * Whatever the bytes, reading ends in a table of finite numbers or in a MalformedFileException, in
 * bounded memory.
 */
class TableFuzzTest {
  private static final byte[] SEED =
      "x,\"y \"\"1\"\"\",z\r\n1,2,3\n-4.5e1,,6\n\"7\", 8,9\n".getBytes(StandardCharsets.UTF_8);

  @FuzzTest
  void fuzz(byte[] bytes) throws IOException {
    readOrRefuse(bytes);
  }

  @Test
  void mutations() throws IOException {
    int accepted = 0;
    for (byte[] bytes : Mutations.of(SEED, 7, 20_000)) {
      accepted += readOrRefuse(bytes) ? 1 : 0;
    }
    assertTrue(
        accepted > 1000 && accepted < 18_000,
        "accepted " + accepted + " of 20000: both ways must be taken");
  }

  private static boolean readOrRefuse(byte[] bytes) throws IOException {
    long before = Mutations.allocated();
    try {
      TableFormat format = TableFormat.standard().withMissing(Missing.SKIP);
      Table table = TableReader.read(new ByteArrayInputStream(bytes), "fuzz", format);
      assertTrue(table.width() >= 1);
      assertEquals(table.width(), table.columns().stream().distinct().count());
      for (int r = 0; r < table.rows(); r++) {
        for (int c = 0; c < table.width(); c++) {
          assertTrue(Double.isFinite(table.value(r, c)));
        }
      }
      return true;
    } catch (MalformedFileException e) {
      assertTrue(e.getMessage().startsWith("fuzz: "), e.getMessage());
      return false;
    } finally {
      Mutations.assertBounded(Mutations.allocated() - before, bytes.length);
    }
  }
}
