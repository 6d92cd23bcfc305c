// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.variational;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.Text;
import org.generatrix.cli.report.Chart;
import org.generatrix.cli.report.Report;
import org.generatrix.cli.report.Report.Fact;
import org.generatrix.cli.run.RunView;
import org.generatrix.data.Binarisation;
import org.generatrix.eval.ActiveUnits;
import org.generatrix.model.variational.VaeConfig;
import org.generatrix.model.variational.VaeConfig.Decoder;
import org.generatrix.model.variational.VaeTrainingConfig;

/** The report of a training run of a variational autoencoder. */
final class VaeReport {
  private final VaeConfig model;
  private final VaeTrainingConfig training;
  private final RunView run;

  VaeReport(VaeConfig model, VaeTrainingConfig training, RunView run) {
    this.model = model;
    this.training = training;
    this.run = run;
  }

  /**
   * The page.
   *
   * @param likelihoods what was measured, possibly nothing
   * @param units how much each latent unit is used, null if unknown
   * @param measured what test pictures are made into
   */
  Report page(List<VaeLikelihood> likelihoods, ActiveUnits units, Binarisation measured) {
    Report report =
        run.open("Variational autoencoder, " + LoadedVae.layers(model, " \u2013 "), lede());
    report.facts(facts(likelihoods, units));
    report.picture(
        "Samples",
        "What the model believes in: each tile is what the decoder makes of a code drawn from the prior."
            + " Grey levels are its "
            + means()
            + ".",
        run.pictures().get("samples"));
    report.charts("Curves", curvesCaption(measured), charts());
    likelihood(report, likelihoods);
    report.picture(
        "Reconstructions",
        "Test pictures above what the decoder makes of their codes, the means of the recognition network.",
        run.pictures().get("reconstructions"));
    report.picture(
        "Interpolation",
        "Test pictures at both ends, and between them what the decoder makes of the codes on the straight line between theirs.",
        run.pictures().get("interpolation"));
    report.picture("Manifold", manifoldCaption(units), run.pictures().get("manifold"));
    report.pairs("Configuration", "", configuration());
    return report.pairs("Provenance", "", run.provenance(training.seed()));
  }

  private String lede() {
    return "A decoder that turns "
        + model.latents().replace("-", " and ")
        + " Gaussian latent units into "
        + Text.count(model.visible())
        + (model.decoder() == Decoder.BERNOULLI ? " binary" : " Gaussian")
        + " pixels, and a recognition network that infers them, trained on the "
        + objective(training)
        + run.onData();
  }

  /** "evidence lower bound", "importance weighted bound of 5 samples". */
  static String objective(VaeTrainingConfig training) {
    return VaeMetrics.weighted(training)
        ? "importance weighted bound of " + training.importanceSamples() + " samples"
        : "evidence lower bound";
  }

  private String means() {
    return model.decoder() == Decoder.BERNOULLI ? "probabilities" : "means";
  }

  private List<Fact> facts(List<VaeLikelihood> likelihoods, ActiveUnits units) {
    List<Fact> facts = new ArrayList<>();
    if (!likelihoods.isEmpty()) {
      VaeLikelihood best = likelihoods.get(likelihoods.size() - 1);
      facts.add(
          new Fact(
              "Test log-likelihood",
              "\u2265 " + Report.nats(best.value().mean()),
              "nats per picture, estimated from below with " + best.effort()));
    }
    if (run.metrics().isEmpty()) {
      return facts; // stopped in the first epoch
    }
    facts.addAll(run.timing(training.epochs(), training.batchSize()));
    if (units != null) {
      facts.add(
          new Fact(
              "Active units",
              units.count() + " of " + units.activity().length,
              "latent units whose mean varies by more than "
                  + Text.number(ActiveUnits.THRESHOLD)
                  + " over the test pictures"));
    }
    return facts;
  }

  private String curvesCaption(Binarisation measured) {
    return "Measured after each epoch, on up to "
        + VaeMetrics.ROWS
        + " training and test pictures, "
        + DataSet.describe(measured)
        + ". The evidence lower bound is the reconstruction less the divergence of the codes from the prior.";
  }

  private List<Chart> charts() {
    List<Chart> charts = new ArrayList<>();
    if (VaeMetrics.weighted(training)) {
      String k = "Bound of " + training.importanceSamples() + " samples, nats per picture";
      charts.add(chart(k, VaeMetrics.IWAE));
    }
    charts.add(chart("Evidence lower bound, nats per picture", VaeMetrics.ELBO));
    charts.add(chart("Reconstruction, nats per picture", VaeMetrics.RECONSTRUCTION));
    charts.add(chart("Divergence from the prior, nats per picture", VaeMetrics.KL));
    charts.add(
        new Chart("Learning rate", List.of(run.line("learning rate", VaeMetrics.LEARNING_RATE))));
    return charts;
  }

  private Chart chart(String title, String part) {
    return new Chart(
        title,
        List.of(
            run.line("training", VaeMetrics.train(part)), run.line("test", VaeMetrics.test(part))));
  }

  private void likelihood(Report report, List<VaeLikelihood> likelihoods) {
    if (likelihoods.isEmpty()) {
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    for (VaeLikelihood l : likelihoods) {
      rows.add(
          List.of(
              l.label(),
              "\u2265 " + Report.nats(l.value().mean()),
              Report.minus(l.interval()),
              l.effort() + " a picture"));
    }
    report.table(
        "Likelihood",
        "Mean log p(x) in nats over "
            + likelihoods.get(0).measuredOn()
            + ". Both figures lie below the truth on average: the more samples the codes of a picture are weighted over, the less."
            + " The intervals are those of a mean over so many pictures.",
        List.of("Method", "Mean log p", "95 % interval", "Effort"),
        rows);
  }

  private String manifoldCaption(ActiveUnits units) {
    String plane =
        "What the decoder makes of a square of codes, at equally likely steps of the prior from left to right and from bottom to top";
    if (units == null || units.activity().length <= 2) {
      return plane + ".";
    }
    int[] order = units.byActivity();
    return plane
        + ": latent units "
        + order[0]
        + " (across) and "
        + order[1]
        + " (up), whose means vary most over the test pictures; the other "
        + (units.activity().length - 2)
        + " are held at 0, the prior's mean.";
  }

  private Map<String, String> configuration() {
    Map<String, String> pairs = new LinkedHashMap<>();
    pairs.put("Layers", LoadedVae.layers(model, " \u2013 ") + ", the decoder mirrored");
    pairs.put("Activation", model.activation().name().toLowerCase(java.util.Locale.ROOT));
    pairs.put("Pixels", model.decoder() == Decoder.BERNOULLI ? "Bernoulli" : "Gaussian");
    pairs.put("Objective", objective(training));
    pairs.put("Batch size", Text.count(training.batchSize()));
    pairs.put("Learning rate", run.rate(training.learningRate(), training.decay()));
    pairs.put("Binarisation in training", training.binarisation().id());
    return pairs;
  }
}
