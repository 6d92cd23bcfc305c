// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import org.generatrix.fuzz.Mutations;
import org.junit.jupiter.api.Test;

/**
 * Whatever the bytes, parsing ends in a value that prints and parses as itself, or in a
 * JsonException.
 */
class JsonFuzzTest {
  @FuzzTest
  void fuzz(byte[] bytes) {
    parseOrRefuse(bytes);
  }

  @Test
  void mutations() {
    byte[] seed =
        "{\"visible\": 784, \"rate\": [0.05, -1e-3, true, null], \"text\": \"a\\n\\u00e9\ud83d\ude00\", \"o\": {}}"
            .getBytes(StandardCharsets.UTF_8);
    int accepted = 0;
    for (byte[] bytes : Mutations.of(seed, 5, 50_000)) {
      accepted += parseOrRefuse(bytes) ? 1 : 0;
    }
    assertTrue(
        accepted > 2000 && accepted < 45_000,
        "accepted " + accepted + " of 50000: both ways must be taken");
  }

  private static boolean parseOrRefuse(byte[] bytes) {
    long before = Mutations.allocated();
    try {
      Object value = Json.parse(bytes);
      String printed = Json.print(value);
      assertEquals(value, Json.parse(printed));
      assertEquals(printed, Json.print(Json.parse(Json.printIndented(value))));
      return true;
    } catch (JsonException e) {
      assertTrue(e.offset() >= 0 && e.offset() <= bytes.length, e.getMessage());
      return false;
    } finally {
      Mutations.assertBounded(Mutations.allocated() - before, bytes.length);
    }
  }
}
