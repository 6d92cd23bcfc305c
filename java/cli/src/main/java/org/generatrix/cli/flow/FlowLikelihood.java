// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.flow;

import java.util.LinkedHashMap;
import java.util.Map;
import org.generatrix.cli.Text;
import org.generatrix.data.Binarisation;
import org.generatrix.eval.LogLikelihood;
import org.generatrix.model.flow.FlowModel;
import org.generatrix.tensor.Tensor;

/**
 * A mean log-density. Its interval is that of a mean over so many rows.
 *
 * @param mean over a set, in nats
 * @param standardError of it
 * @param bits for each dimension; NaN of points
 * @param truth the mean negative log-density of the same points under the density they were drawn
 *     from, NaN where nobody knows it
 * @param seconds that it took
 */
record FlowLikelihood(
    double mean, double standardError, int rows, double bits, double truth, double seconds) {

  /** Of a model of pictures. */
  static FlowLikelihood ofPictures(FlowModel model, Tensor x) {
    return of(model, x, true, Double.NaN);
  }

  /**
   * Of a model of points.
   *
   * @param truth see above
   */
  static FlowLikelihood ofPoints(FlowModel model, Tensor x, double truth) {
    return of(model, x, false, truth);
  }

  private static FlowLikelihood of(FlowModel model, Tensor x, boolean pictures, double truth) {
    long start = System.nanoTime();
    double[] rows = model.logLikelihood(x);
    double seconds = (System.nanoTime() - start) / 1e9;
    LogLikelihood value = LogLikelihood.exact(rows, Binarisation.INTENSITIES);
    double bits = pictures ? model.bitsPerDimension(value.mean()) : Double.NaN;
    return new FlowLikelihood(
        value.mean(), value.standardError(), value.rows(), bits, truth, seconds);
  }

  /** Whether it is one of pictures, in bits. */
  boolean ofPictures() {
    return !Double.isNaN(bits);
  }

  /** "-86.1 to -85.2"; of points that of the negative, to three decimals. */
  String interval() {
    double margin = 1.96 * standardError;
    return ofPictures()
        ? Text.nats(mean - margin) + " to " + Text.nats(mean + margin)
        : fine(-mean - margin) + " to " + fine(-mean + margin);
  }

  /** Nats to three decimals, for points, whose figures are small. */
  static String fine(double nats) {
    return Double.isFinite(nats) ? Text.format("%.3f", nats) : Text.nats(nats);
  }

  /** One line for a terminal. */
  String line() {
    if (ofPictures()) {
      return Text.format(
          "log-likelihood  %s nats  [%s]  %.4f bits per dimension  %s",
          Text.nats(mean), interval(), bits, Text.duration(seconds));
    }
    String least = Double.isNaN(truth) ? "" : "  " + fine(truth) + " under the true density";
    return Text.format(
        "negative log-likelihood  %s nats  [%s]%s  %s",
        fine(-mean), interval(), least, Text.duration(seconds));
  }

  /** For run.json. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("mean_log_likelihood", finite(mean));
    map.put("standard_error", finite(standardError));
    if (ofPictures()) {
      map.put("bits_per_dimension", finite(bits));
    }
    if (!Double.isNaN(truth)) {
      map.put("mean_log_likelihood_of_the_truth", -truth);
    }
    map.put("rows", rows);
    map.put("seconds", seconds);
    return map;
  }

  private static Double finite(double x) {
    return Double.isFinite(x) ? x : null;
  }
}
