// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.generatrix.binding.NativeInfo;
import org.generatrix.cli.Text;
import org.generatrix.cli.report.Chart;
import org.generatrix.cli.report.Report;
import org.generatrix.cli.report.Report.Fact;
import org.generatrix.optim.Decay;

/**
 * A run as its report sees it, and the parts that every report has.
 *
 * @param data it was trained on
 * @param metrics of its epochs
 * @param pictures PNGs by name
 * @param command the command line
 * @param threads that it computed on
 * @param notice about a run that stopped early, or null
 */
public record RunView(
    RunData data,
    MetricsLog metrics,
    Map<String, byte[]> pictures,
    String command,
    int threads,
    String notice) {

  /** The page's beginning: title, what was done, and the notice if there is one. */
  public Report open(String title, String lede) {
    Report report = new Report(title, lede);
    return notice == null ? report : report.notice(notice);
  }

  /** " on 5,000 pictures from the bundled MNIST digits.", the end of a lede. */
  public String onData() {
    return " on "
        + Text.count(data.trainCount())
        + " "
        + data.noun()
        + " from "
        + data.name()
        + ".";
  }

  /** Time and epochs; nothing for a run that stopped in its first epoch. */
  public List<Fact> timing(int epochs, int batchSize) {
    if (metrics.isEmpty()) {
      return List.of();
    }
    String rate = Text.count(Math.round(metrics.last(MetricsLog.RATE)));
    String on = threads + (threads == 1 ? " thread" : " threads");
    return List.of(
        new Fact(
            "Training time",
            Text.duration(metrics.last(MetricsLog.SECONDS)),
            rate + " " + data.noun() + "/s on " + on),
        new Fact(
            "Epochs",
            Text.number(metrics.last(MetricsLog.EPOCH)),
            "of " + epochs + ", in batches of " + batchSize));
  }

  /** A line over the epochs. */
  public Chart.Line line(String name, String metric) {
    return new Chart.Line(name, metrics.column(MetricsLog.EPOCH), metrics.column(metric));
  }

  /** "0.001, falling to 0 along a cosine", for the configuration. */
  public String rate(double learningRate, Decay decay) {
    String fall =
        switch (decay) {
          case CONSTANT -> "constant";
          case LINEAR -> "falling to 0 linearly";
          case COSINE -> "falling to 0 along a cosine";
        };
    return Text.number(learningRate) + ", " + fall;
  }

  /** Where the run's figures come from. */
  public Map<String, String> provenance(long seed) {
    Map<String, String> pairs = new LinkedHashMap<>();
    pairs.put("Command", command);
    pairs.put("Data", data.name() + ": " + data.size());
    pairs.put("Seed", Long.toString(seed));
    pairs.put("Generatrix", NativeInfo.version());
    pairs.put("Instruction set", NativeInfo.isa());
    pairs.put("Threads", Integer.toString(threads));
    String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    pairs.put("Java", Runtime.version() + ", " + system);
    return pairs;
  }
}
