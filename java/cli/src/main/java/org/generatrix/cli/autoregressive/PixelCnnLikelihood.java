// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.autoregressive;

import java.util.LinkedHashMap;
import java.util.Map;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.Text;
import org.generatrix.data.Binarisation;
import org.generatrix.eval.LogLikelihood;
import org.generatrix.model.autoregressive.AutoregressiveImages;
import org.generatrix.tensor.Tensor;

/**
 * A mean log-likelihood, exact for each picture. Its interval is that of a mean over so many
 * pictures.
 *
 * @param value the mean over a set, and the set's binarisation
 * @param bits for each pixel
 * @param seconds that it took
 */
record PixelCnnLikelihood(LogLikelihood value, double bits, double seconds) {

  static PixelCnnLikelihood measure(
      AutoregressiveImages model, Tensor x, Binarisation binarisation) {
    long start = System.nanoTime();
    double[] rows = model.logLikelihood(x);
    double seconds = (System.nanoTime() - start) / 1e9;
    LogLikelihood value = LogLikelihood.exact(rows, binarisation);
    return new PixelCnnLikelihood(value, model.bitsPerDimension(value.mean()), seconds);
  }

  /** "-86.1 to -85.2". */
  String interval() {
    double margin = 1.96 * value.standardError();
    return Text.nats(value.mean() - margin) + " to " + Text.nats(value.mean() + margin);
  }

  /** One line for a terminal. */
  String line() {
    return Text.format(
        "log-likelihood  %s nats, exact for each picture  [%s]  %.4f bits a pixel  %s",
        Text.nats(value.mean()), interval(), bits, Text.duration(seconds));
  }

  /** What was measured on, for people who compare figures. */
  String measuredOn() {
    return Text.count(value.rows()) + " test pictures, " + DataSet.describe(value.binarisation());
  }

  /** For run.json. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("mean_log_likelihood", finite(value.mean()));
    map.put("bits_per_pixel", finite(bits));
    map.put("standard_error", finite(value.standardError()));
    map.put("certainty", value.certainty().name());
    map.put("rows", value.rows());
    map.put("binarisation", value.binarisation().id());
    map.put("seconds", seconds);
    return map;
  }

  private static Double finite(double x) {
    return Double.isFinite(x) ? x : null;
  }
}
