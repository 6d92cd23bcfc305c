// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval.figures;

import java.util.LinkedHashMap;
import java.util.Map;
import org.generatrix.eval.LogLikelihood;
import org.generatrix.io.Json;

/**
 * What a rerun of a figure reached.
 *
 * @param figure which
 * @param value the figure that compares with the published one
 * @param reverse the same with log Z from reverse AIS, or null where log Z is exact
 * @param training the training's binarisation, by its id
 * @param epochs of the training
 * @param trainingSeconds wall time of the training
 * @param evaluationSeconds wall time of the measurements
 */
public record FigureResult(
    Figure figure,
    LogLikelihood value,
    LogLikelihood reverse,
    String training,
    int epochs,
    double trainingSeconds,
    double evaluationSeconds) {

  /** Whether the value is at least the bar. */
  public boolean reached() {
    return value.mean() >= figure.bar();
  }

  /** One line of JSON. */
  public String toJson() {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("name", figure.name());
    line.put("value", value.mean());
    line.put("low", finite(value.low()));
    line.put("high", finite(value.high()));
    line.put("reverse", reverse == null ? null : reverse.mean());
    line.put("certainty", value.certainty().name());
    line.put("published", figure.published());
    line.put("bar", figure.bar());
    line.put("reached", reached());
    line.put("trained_on", training);
    line.put("tested_on", value.binarisation().id());
    line.put("rows", value.rows());
    line.put("epochs", epochs);
    line.put("training_seconds", trainingSeconds);
    line.put("evaluation_seconds", evaluationSeconds);
    return Json.print(line);
  }

  private static Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
