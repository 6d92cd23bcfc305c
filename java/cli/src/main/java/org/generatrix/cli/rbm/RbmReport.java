// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.rbm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.generatrix.cli.Text;
import org.generatrix.cli.report.Chart;
import org.generatrix.cli.report.Report;
import org.generatrix.cli.run.RunView;
import org.generatrix.model.boltzmann.RbmConfig;
import org.generatrix.model.boltzmann.RbmTrainingConfig;

/** The report of a training run of a restricted Boltzmann machine. */
final class RbmReport {
  private final RbmConfig machine;
  private final RbmTrainingConfig training;
  private final RunView run;

  RbmReport(RbmConfig machine, RbmTrainingConfig training, RunView run) {
    this.machine = machine;
    this.training = training;
    this.run = run;
  }

  /**
   * The page.
   *
   * @param likelihoods what was measured, possibly nothing
   * @param observed the part of each picture that is given for completion
   */
  Report page(List<Likelihood> likelihoods, String observed) {
    Report report = run.open(title(), lede());
    report.facts(facts(likelihoods));
    report.picture(
        "Samples",
        "What the machine believes in: each tile is the end of a Gibbs chain of its own, "
            + (training.algorithm() == RbmTrainingConfig.Algorithm.CD
                ? "started from noise. "
                : "one of the training's persistent chains, 1,000 steps on. ")
            + "Grey levels are the probabilities behind the last binary state.",
        run.pictures().get("samples"));
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
        run.pictures().get("filters"));
    report.picture(
        "Reconstructions",
        "Test pictures above what is left of them after one trip through the hidden layer and back.",
        run.pictures().get("reconstructions"));
    report.picture(
        "Inpainting",
        "Test pictures, the half that the machine was given ("
            + observed
            + "), and below "
            + RbmPictures.COMPLETIONS
            + " independent completions of the other half.",
        run.pictures().get("inpainting"));
    report.pairs("Configuration", "", configuration());
    return report.pairs("Provenance", "", run.provenance(training.seed()));
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
        + run.onData();
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

  private List<Report.Fact> facts(List<Likelihood> likelihoods) {
    List<Report.Fact> facts = new ArrayList<>();
    if (!likelihoods.isEmpty()) {
      Likelihood first = likelihoods.get(0);
      facts.add(
          new Report.Fact(
              "Test log-likelihood",
              Report.nats(first.value().mean()),
              "nats per picture, " + first.label()));
    }
    if (run.metrics().isEmpty()) {
      return facts; // stopped in the first epoch
    }
    facts.addAll(run.timing(training.epochs(), training.batchSize()));
    facts.add(
        new Report.Fact(
            "Free-energy gap",
            Report.nats(run.metrics().last(RbmMetrics.FREE_ENERGY_GAP)),
            "nats, test minus training; growth means overfitting"));
    return facts;
  }

  private List<Chart> charts() {
    return List.of(
        new Chart(
            "Pseudo-likelihood, nats per picture",
            List.of(
                run.line("training", RbmMetrics.LOG_PL_TRAIN),
                run.line("test", RbmMetrics.LOG_PL_TEST))),
        new Chart(
            "Free-energy gap, nats",
            List.of(run.line("test minus training", RbmMetrics.FREE_ENERGY_GAP))),
        new Chart(
            "Reconstruction error, mean square per pixel",
            List.of(run.line("training", RbmMetrics.RECONSTRUCTION))),
        new Chart("Learning rate", List.of(run.line("learning rate", RbmMetrics.LEARNING_RATE))));
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
              Report.nats(l.value().mean()),
              Report.minus(l.meanInterval()),
              Report.nats(l.estimate().logZ()),
              Report.minus(l.logZInterval()),
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
}
