// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.rbm;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.Text;
import org.generatrix.data.Binarisation;
import org.generatrix.eval.Ais;
import org.generatrix.eval.AisConfig;
import org.generatrix.eval.LogLikelihood;
import org.generatrix.eval.LogPartitionEstimate;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.tensor.Tensor;

/**
 * A mean log-likelihood with everything that says how far to trust it.
 *
 * @param label "exact", "forward AIS" or "reverse AIS"
 * @param value the mean over a set, its interval, and the set's binarisation
 * @param estimate of log Z; both ends of its interval are log Z itself when exact
 * @param effort temperatures and chains, or "enumeration"
 * @param seconds that log Z took
 */
public record Likelihood(
    String label,
    LogLikelihood value,
    LogPartitionEstimate estimate,
    String effort,
    double seconds) {
  private static final int MOST_ENUMERABLE_UNITS = 25;

  /** Whether log Z of a machine can be computed: one layer must be small enough to enumerate. */
  public static boolean isExact(Rbm rbm) {
    return Math.min(rbm.config().visible(), rbm.config().hidden()) <= MOST_ENUMERABLE_UNITS;
  }

  /** With log Z by enumeration. */
  static Likelihood exact(Rbm rbm, Tensor v, Binarisation binarisation) {
    return timed(
        "exact",
        "enumeration",
        rbm,
        v,
        binarisation,
        () -> {
          double logZ = rbm.logPartition();
          return new LogPartitionEstimate(logZ, logZ, logZ, 0, 0, "exact");
        });
  }

  /** With log Z by annealing from the data's marginals to the machine. */
  static Likelihood forward(
      Rbm rbm, Tensor v, Binarisation binarisation, AisConfig ais, float[] dataMean) {
    return timed(
        "forward AIS", effort(ais), rbm, v, binarisation, () -> Ais.forward(rbm, ais, dataMean));
  }

  /** With log Z by annealing from chains that start at the data back to its marginals. */
  static Likelihood reverse(
      Rbm rbm, Tensor v, Binarisation binarisation, AisConfig ais, float[] dataMean) {
    return timed(
        "reverse AIS", effort(ais), rbm, v, binarisation, () -> Ais.reverse(rbm, v, ais, dataMean));
  }

  private static Likelihood timed(
      String label,
      String effort,
      Rbm rbm,
      Tensor v,
      Binarisation binarisation,
      Supplier<LogPartitionEstimate> logZ) {
    long start = System.nanoTime();
    LogPartitionEstimate estimate = logZ.get();
    double seconds = (System.nanoTime() - start) / 1e9;
    LogLikelihood value = LogLikelihood.estimate(rbm, v, estimate, binarisation);
    return new Likelihood(label, value, estimate, effort, seconds);
  }

  private static String effort(AisConfig ais) {
    return Text.count(ais.betas().length) + " temperatures, " + ais.chains() + " chains";
  }

  boolean isExact() {
    return label.equals("exact");
  }

  /** "−86.1 to −85.2", or "" when exact. */
  String meanInterval() {
    return isExact() ? "" : interval(value.low(), value.high());
  }

  String logZInterval() {
    return isExact() ? "" : interval(estimate.low(), estimate.high());
  }

  /** One line for a terminal. */
  public String line() {
    String interval = isExact() ? "" : "  [" + meanInterval() + "]";
    return Text.format(
        "%-12s %s nats%s  %s", label, Text.nats(value.mean()), interval, Text.duration(seconds));
  }

  /** What was measured on, for people who compare figures. */
  public String measuredOn() {
    return Text.count(value.rows()) + " test pictures, " + DataSet.describe(value.binarisation());
  }

  /** For run.json; an end of an interval that is infinite is null. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("method", label);
    map.put("mean_log_likelihood", finite(value.mean()));
    map.put("low", finite(value.low()));
    map.put("high", finite(value.high()));
    map.put("log_z", finite(estimate.logZ()));
    map.put("log_z_low", finite(estimate.low()));
    map.put("log_z_high", finite(estimate.high()));
    map.put("chains", estimate.chains());
    map.put("temperatures", estimate.temperatures());
    map.put("rows", value.rows());
    map.put("binarisation", value.binarisation().id());
    map.put("seconds", seconds);
    return map;
  }

  private static Double finite(double x) {
    return Double.isFinite(x) ? x : null;
  }

  private static String interval(double low, double high) {
    return Text.nats(low) + " to " + Text.nats(high);
  }
}
