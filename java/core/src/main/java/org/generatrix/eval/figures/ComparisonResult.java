// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval.figures;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.generatrix.io.Json;

/**
 * What a comparison came to; less is better.
 *
 * @param comparison which
 * @param unit of the numbers
 * @param rows one for each setting
 * @param epochs of each training
 * @param trainingSeconds wall time of all trainings
 * @param evaluationSeconds wall time of the measurements
 */
public record ComparisonResult(
    Comparison comparison,
    String unit,
    List<Row> rows,
    int epochs,
    double trainingSeconds,
    double evaluationSeconds) {

  /**
   * One setting.
   *
   * @param setting "code of 8"
   * @param ours on the test set
   * @param peer "8 principal components"
   * @param theirs on the same test set
   */
  public record Row(String setting, double ours, String peer, double theirs) {}

  public ComparisonResult {
    rows = List.copyOf(rows);
  }

  /** Whether ours is below the peer's in every setting. */
  public boolean reached() {
    return rows.stream().allMatch(row -> row.ours() < row.theirs());
  }

  /** One line of JSON. */
  public String toJson() {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("name", comparison.name());
    line.put("unit", unit);
    line.put(
        "rows",
        rows.stream()
            .map(
                row -> {
                  Map<String, Object> cells = new LinkedHashMap<>();
                  cells.put("setting", row.setting());
                  cells.put("value", row.ours());
                  cells.put("peer", row.peer());
                  cells.put("peer_value", row.theirs());
                  return cells;
                })
            .toList());
    line.put("reached", reached());
    line.put("epochs", epochs);
    line.put("training_seconds", trainingSeconds);
    line.put("evaluation_seconds", evaluationSeconds);
    return Json.print(line);
  }
}
