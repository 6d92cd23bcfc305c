// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval.figures;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.generatrix.data.Images;
import org.generatrix.io.Json;

/**
 * What a timed run came to.
 *
 * @param run which
 * @param rows what was measured
 * @param curve the first row's measure on the way there; empty if it was not followed
 * @param samples pictures drawn from the model, or null
 * @param updates of the model
 * @param trainingSeconds wall time of the training
 * @param evaluationSeconds wall time of the measurements
 */
public record TimedRunResult(
    TimedRun run,
    List<Row> rows,
    List<Point> curve,
    Images samples,
    long updates,
    double trainingSeconds,
    double evaluationSeconds) {

  /**
   * A number.
   *
   * @param measure "test negative log-likelihood"
   * @param value of it; less is better where there is a bar
   * @param unit "nats"
   * @param beside what to read it against, such as "floor 0.296" or "published 4.36 (Dinh et al.)"
   * @param bar the most that counts as reached, or null where nothing is asked
   */
  public record Row(String measure, double value, String unit, String beside, Double bar) {
    public Row {
      Objects.requireNonNull(measure, "measure");
      Objects.requireNonNull(unit, "unit");
      Objects.requireNonNull(beside, "beside");
    }

    /** Whether nothing is asked, or it is reached; NaN reaches nothing. */
    public boolean reached() {
      return bar == null || value <= bar;
    }
  }

  /**
   * A place of the curve.
   *
   * @param seconds of training
   * @param value measured then
   */
  public record Point(double seconds, double value) {}

  public TimedRunResult {
    rows = List.copyOf(rows);
    curve = List.copyOf(curve);
  }

  /** Whether every row with a bar reaches it. */
  public boolean reached() {
    return rows.stream().allMatch(Row::reached);
  }

  /** One line of JSON, without the samples. */
  public String toJson() {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("name", run.name());
    line.put("rows", rows.stream().map(TimedRunResult::cells).toList());
    line.put("curve", curve.stream().map(p -> List.of(p.seconds(), finite(p.value()))).toList());
    line.put("reached", reached());
    line.put("updates", updates);
    line.put("training_seconds", trainingSeconds);
    line.put("evaluation_seconds", evaluationSeconds);
    return Json.print(line);
  }

  private static Map<String, Object> cells(Row row) {
    Map<String, Object> cells = new LinkedHashMap<>();
    cells.put("measure", row.measure());
    cells.put("value", finite(row.value()));
    cells.put("unit", row.unit());
    cells.put("beside", row.beside());
    cells.put("bar", row.bar());
    return cells;
  }

  // JSON has no NaN.
  private static Object finite(double value) {
    return Double.isFinite(value) ? (Object) value : String.valueOf(value);
  }
}
