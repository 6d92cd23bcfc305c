// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.variational;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.Text;
import org.generatrix.data.Binarisation;
import org.generatrix.eval.LogLikelihood;
import org.generatrix.model.variational.Vae;
import org.generatrix.tensor.Tensor;

/**
 * A mean log-likelihood from below, with what says how far to trust it. Its interval is that of the
 * mean over pictures like these; the sampling behind each picture's figure adds little to it, but
 * keeps the figure below the truth, the less so the more samples there are.
 *
 * @param label "ELBO" or "importance weighting"
 * @param value the mean over a set, its interval, and the set's binarisation
 * @param samples of the latent units for each picture
 * @param seconds that it took
 */
record VaeLikelihood(String label, LogLikelihood value, int samples, double seconds) {

  /** The bound that a variational autoencoder is trained on. */
  static VaeLikelihood elbo(Vae vae, Tensor x, Binarisation binarisation, long seed) {
    return timed("ELBO", 1, binarisation, () -> vae.elbo(x, 1, seed));
  }

  /** Importance weighting with the recognition network as the proposal. */
  static VaeLikelihood weighted(
      Vae vae, Tensor x, Binarisation binarisation, int samples, long seed) {
    return timed(
        "importance weighting", samples, binarisation, () -> vae.logLikelihood(x, samples, seed));
  }

  /** Both, each handed out as soon as it is known. */
  static void measure(
      Vae vae,
      Tensor x,
      Binarisation binarisation,
      int samples,
      long seed,
      Consumer<VaeLikelihood> each) {
    each.accept(elbo(vae, x, binarisation, seed));
    each.accept(weighted(vae, x, binarisation, samples, seed));
  }

  private static VaeLikelihood timed(
      String label, int samples, Binarisation binarisation, Supplier<double[]> figures) {
    long start = System.nanoTime();
    double[] rows = figures.get();
    double seconds = (System.nanoTime() - start) / 1e9;
    return new VaeLikelihood(label, LogLikelihood.lowerBound(rows, binarisation), samples, seconds);
  }

  /** "1 sample", "5,000 samples". */
  String effort() {
    return Text.count(samples) + (samples == 1 ? " sample" : " samples");
  }

  /** "-86.1 to -85.2". */
  String interval() {
    return Text.nats(value.low()) + " to " + Text.nats(value.high());
  }

  /** One line for a terminal. */
  String line() {
    return Text.format(
        "%-20s >= %s nats  [%s]  %s a picture  %s",
        label, Text.nats(value.mean()), interval(), effort(), Text.duration(seconds));
  }

  /** What was measured on, for people who compare figures. */
  String measuredOn() {
    return Text.count(value.rows()) + " test pictures, " + DataSet.describe(value.binarisation());
  }

  /** For run.json. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("method", label);
    map.put("mean_log_likelihood", finite(value.mean()));
    map.put("low", finite(value.low()));
    map.put("high", finite(value.high()));
    map.put("certainty", value.certainty().name());
    map.put("samples", samples);
    map.put("rows", value.rows());
    map.put("binarisation", value.binarisation().id());
    map.put("seconds", seconds);
    return map;
  }

  private static Double finite(double x) {
    return Double.isFinite(x) ? x : null;
  }
}
