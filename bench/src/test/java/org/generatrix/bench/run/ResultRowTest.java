// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.generatrix.io.Json;
import org.junit.jupiter.api.Test;

class ResultRowTest {
  private static final ResultRow AGAINST =
      new ResultRow(
          "sweep:2x3",
          "2x3",
          2,
          1.5,
          "libtorch",
          12,
          "700 GFLOP/s-eq",
          1.43,
          0.01,
          0.02,
          "peer: rand < p");
  private static final ResultRow ALONE =
      new ResultRow(
          "call:1x1",
          "1x1",
          1,
          1.2e-4,
          null,
          Double.NaN,
          "120 ns/call",
          Double.NaN,
          0.1,
          Double.NaN,
          "");

  @Test
  void theRatioIsThePeersTimeOverOurs() {
    assertEquals(8, AGAINST.ratio());
    assertTrue(Double.isNaN(ALONE.ratio()));
  }

  @Test
  void jsonHoldsTheRowAndComesBack() {
    for (ResultRow row : List.of(AGAINST, ALONE)) {
      assertEquals(row, ResultRow.of(Json.parseObject(Json.print(row.toJson()))));
    }
  }

  @Test
  void jsonNamesItsFieldsAndLeavesNothingOut() {
    Map<String, Object> json = ALONE.toJson();
    assertEquals(
        List.of("name", "shape", "threads", "ours_ms", "peer", "peer_ms", "ratio", "ceiling_share"),
        List.copyOf(json.keySet()).subList(0, 8));
    assertNull(json.get("peer"));
    assertNull(json.get("peer_ms"));
    assertNull(json.get("ratio"));
    assertNull(json.get("ceiling_share"));
    assertEquals(8.0, AGAINST.toJson().get("ratio"));
  }

  @Test
  void theTableShowsEveryColumn() {
    assertEquals(
        List.of(
            "sweep:2x3",
            "2",
            "libtorch",
            "1.500",
            "12.00",
            "8.00x",
            "700 GFLOP/s-eq",
            "143 %",
            "1.0 % / 2.0 %",
            "peer: rand < p"),
        ResultTable.cells(AGAINST));
    assertEquals(
        List.of("call:1x1", "1", "-", "0.000120", "-", "-", "120 ns/call", "-", "10 %", ""),
        ResultTable.cells(ALONE));
    assertEquals(ResultTable.COLUMNS.size(), ResultTable.cells(ALONE).size());
  }

  @Test
  void timesKeepTheirDigitsAtAnySize() {
    assertEquals("14500", ResultTable.millis(14500.4));
    assertEquals("123.5", ResultTable.millis(123.46));
    assertEquals("0.2345", ResultTable.millis(0.23451));
  }
}
