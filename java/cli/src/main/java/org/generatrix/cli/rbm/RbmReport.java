// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.rbm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.generatrix.binding.NativeInfo;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.Text;
import org.generatrix.cli.report.Chart;
import org.generatrix.cli.report.Report;
import org.generatrix.cli.run.MetricsLog;
import org.generatrix.model.boltzmann.RbmConfig;
import org.generatrix.model.boltzmann.RbmTrainingConfig;

/** The report of a training run of a restricted Boltzmann machine. */
final class RbmReport {
  private final RbmConfig machine;
  private final RbmTrainingConfig training;
  private final DataSet data;
  private final MetricsLog metrics;

  RbmReport(RbmConfig machine, RbmTrainingConfig training, DataSet data, MetricsLog metrics) {
    this.machine = machine;
    this.training = training;
    this.data = data;
    this.metrics = metrics;
  }

  /**
   * The page.
   *
   * @param notice about a run that stopped early, or null
   * @param likelihoods what was measured, possibly nothing
   * @param pictures PNGs by name
   * @param command the command line of the run
   * @param threads that it computed on
   */
  String html(
      String notice,
      List<Likelihood> likelihoods,
      Map<String, byte[]> pictures,
      String observed,
      String command,
      int threads) {
    Report report = new Report(title(), lede());
    if (notice != null) {
      report.notice(notice);
    }
    report.facts(facts(likelihoods, threads));
    report.picture(
        "Samples",
        "What the machine believes in: each tile is the end of a Gibbs chain of its own, "
            + (training.algorithm() == RbmTrainingConfig.Algorithm.CD
                ? "started from noise. "
                : "one of the training's persistent chains, 1,000 steps on. ")
            + "Grey levels are the probabilities behind the last binary state.",
        pictures.get("samples"));
    report.charts(
        "Curves",
        "Measured after each epoch, on small fixed subsets of the binary training and test data.",
        charts());
    likelihood(report, likelihoods);
    report.picture(
        "Filters",
        "The weights between one hidden unit and all pixels, orange for positive and blue for negative; zero is black, and each"
            + " filter is scaled by its own largest weight."
            + (machine.hidden() > 100
                ? " Shown are the 100 hidden units with the largest weights."
                : ""),
        pictures.get("filters"));
    report.picture(
        "Reconstructions",
        "Test pictures above what is left of them after one trip through the hidden layer and back.",
        pictures.get("reconstructions"));
    report.picture(
        "Inpainting",
        "Test pictures, the half that the machine was given ("
            + observed
            + "), and below "
            + RbmPictures.COMPLETIONS
            + " independent completions of the other half.",
        pictures.get("inpainting"));
    report.pairs("Configuration", "", configuration());
    report.pairs("Provenance", "", provenance(command, threads));
    return report.html();
  }

  private String title() {
    return "Restricted Boltzmann machine, " + machine.visible() + " × " + machine.hidden();
  }

  private String lede() {
    return Text.count(machine.visible())
        + " visible and "
        + Text.count(machine.hidden())
        + " hidden binary units, trained by "
        + algorithm(training)
        + " on "
        + Text.count(data.train().count())
        + " pictures from "
        + data.name()
        + ".";
  }

  /** "persistent contrastive divergence (PCD-1)". */
  static String algorithm(RbmTrainingConfig training) {
    return switch (training.algorithm()) {
      case CD -> "contrastive divergence (CD-" + training.steps() + ")";
      case PCD -> "persistent contrastive divergence (PCD-" + training.steps() + ")";
      case PARALLEL_TEMPERING ->
          "PCD-"
              + training.steps()
              + " with parallel tempering at "
              + training.replicas()
              + " temperatures";
    };
  }

  private List<Report.Fact> facts(List<Likelihood> likelihoods, int threads) {
    List<Report.Fact> facts = new ArrayList<>();
    if (!likelihoods.isEmpty()) {
      Likelihood first = likelihoods.get(0);
      facts.add(
          new Report.Fact(
              "Test log-likelihood",
              nats(first.value().mean()),
              "nats per picture, " + first.label()));
    }
    if (metrics.isEmpty()) {
      return facts; // stopped in the first epoch
    }
    double rate = metrics.last(MetricsLog.RATE);
    facts.add(
        new Report.Fact(
            "Training time",
            Text.duration(metrics.last(MetricsLog.SECONDS)),
            Text.count(Math.round(rate))
                + " pictures/s on "
                + threads
                + (threads == 1 ? " thread" : " threads")));
    facts.add(
        new Report.Fact(
            "Epochs",
            Text.number(metrics.last(MetricsLog.EPOCH)),
            "of " + training.epochs() + ", in batches of " + training.batchSize()));
    facts.add(
        new Report.Fact(
            "Free-energy gap",
            nats(metrics.last(RbmMetrics.FREE_ENERGY_GAP)),
            "nats, test minus training; growth means overfitting"));
    return facts;
  }

  private List<Chart> charts() {
    double[] epochs = metrics.column(MetricsLog.EPOCH);
    return List.of(
        new Chart(
            "Pseudo-likelihood, nats per picture",
            List.of(
                new Chart.Line("training", epochs, metrics.column(RbmMetrics.LOG_PL_TRAIN)),
                new Chart.Line("test", epochs, metrics.column(RbmMetrics.LOG_PL_TEST)))),
        new Chart(
            "Free-energy gap, nats",
            List.of(
                new Chart.Line(
                    "test minus training", epochs, metrics.column(RbmMetrics.FREE_ENERGY_GAP)))),
        new Chart(
            "Reconstruction error, mean square per pixel",
            List.of(new Chart.Line("training", epochs, metrics.column(RbmMetrics.RECONSTRUCTION)))),
        new Chart(
            "Learning rate",
            List.of(
                new Chart.Line(
                    "learning rate", epochs, metrics.column(RbmMetrics.LEARNING_RATE)))));
  }

  private static void likelihood(Report report, List<Likelihood> likelihoods) {
    if (likelihoods.isEmpty()) {
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    for (Likelihood l : likelihoods) {
      rows.add(
          List.of(
              l.label(),
              nats(l.value().mean()),
              l.meanInterval().replace('-', '\u2212'),
              nats(l.estimate().logZ()),
              l.logZInterval().replace('-', '\u2212'),
              l.effort()));
    }
    String caution =
        likelihoods.get(0).isExact()
            ? "log Z was computed exactly."
            : "Forward AIS that misses a mode takes log Z for too small and the data for too likely; reverse AIS errs the other way."
                + " Where they agree, trust them. The intervals are about log Z alone.";
    report.table(
        "Likelihood",
        "Mean log p(v) in nats over " + likelihoods.get(0).measuredOn() + ". " + caution,
        List.of("Method", "Mean log p", "95 % interval", "log Z", "95 % interval", "Effort"),
        rows);
  }

  /** With the minus sign of typography; the hyphen is for terminals and files. */
  private static String nats(double x) {
    return Text.nats(x).replace('-', '\u2212');
  }

  private Map<String, String> configuration() {
    Map<String, String> pairs = new LinkedHashMap<>();
    pairs.put(
        "Machine",
        machine.visible()
            + " × "
            + machine.hidden()
            + (machine.centered() ? ", centered" : ", not centered"));
    pairs.put("Initial weights", "standard deviation " + Text.number(machine.initialStddev()));
    pairs.put("Algorithm", algorithm(training));
    if (training.algorithm() != RbmTrainingConfig.Algorithm.CD) {
      pairs.put("Chains", Text.count(training.chains()));
    }
    pairs.put("Batch size", Text.count(training.batchSize()));
    pairs.put(
        "Learning rate",
        Text.number(training.learningRate())
            + " to "
            + Text.number(training.finalLearningRate())
            + ", linearly");
    pairs.put("Momentum", Text.number(training.momentum()));
    pairs.put("Weight decay", Text.number(training.weightDecay()));
    pairs.put(
        "Sparsity",
        training.sparsityCost() == 0
            ? "off"
            : "target "
                + Text.number(training.sparsityTarget())
                + ", cost "
                + Text.number(training.sparsityCost()));
    if (machine.centered()) {
      pairs.put("Offset rate", Text.number(training.offsetRate()));
    }
    pairs.put("Binarisation in training", training.binarisation().id());
    return pairs;
  }

  private Map<String, String> provenance(String command, int threads) {
    Map<String, String> pairs = new LinkedHashMap<>();
    pairs.put("Command", command);
    pairs.put("Data", data.name() + ": " + data.size());
    pairs.put("Seed", Long.toString(training.seed()));
    pairs.put("Generatrix", NativeInfo.version());
    pairs.put("Instruction set", NativeInfo.isa());
    pairs.put("Threads", Integer.toString(threads));
    pairs.put(
        "Java",
        Runtime.version()
            + ", "
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.arch"));
    return pairs;
  }
}
