// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.adversarial;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.generatrix.cli.Text;
import org.generatrix.cli.picture.Forming;
import org.generatrix.cli.report.Chart;
import org.generatrix.cli.report.Report;
import org.generatrix.cli.report.Report.Fact;
import org.generatrix.cli.run.RunView;
import org.generatrix.model.adversarial.DcganConfig;
import org.generatrix.model.adversarial.GanTrainingConfig;

/** The report of a training run of a convolutional adversarial network. */
final class DcganReport {
  private final DcganConfig model;
  private final GanTrainingConfig training;
  private final RunView run;

  DcganReport(DcganConfig model, GanTrainingConfig training, RunView run) {
    this.model = model;
    this.training = training;
    this.run = run;
  }

  /**
   * The page.
   *
   * @param discrepancy of samples from test pictures, null if it was not measured
   * @param forming samples over the epochs
   */
  Report page(Double discrepancy, Forming forming) {
    Report report = run.open("Convolutional adversarial network", lede());
    report.facts(facts(discrepancy));
    report.picture(
        "Samples",
        "What the generator makes of codes drawn from a standard normal.",
        run.pictures().get("samples"));
    if (run.pictures().containsKey("forming")) {
      report.picture(
          "Samples as they form",
          "The same codes in each row, " + forming.when() + ".",
          run.pictures().get("forming"));
    }
    report.charts(
        "Curves",
        "Means over each epoch, and the discrepancy measured after it on "
            + DcganTrainee.ROWS
            + " samples and as many test pictures. The losses of such a game do not tell how good the samples are.",
        charts());
    report.picture(
        "Interpolation",
        "Samples at both ends, and between them what the generator makes of the codes on the straight line between theirs.",
        run.pictures().get("interpolation"));
    report.pairs("Configuration", "", configuration());
    return report.pairs("Provenance", "", run.provenance(training.seed()));
  }

  private String lede() {
    return "A generator that turns "
        + model.latents()
        + " Gaussian numbers into pictures, trained against a discriminator that tells them from"
        + " those of the data,"
        + run.onData();
  }

  private List<Fact> facts(Double discrepancy) {
    List<Fact> facts = new ArrayList<>();
    if (discrepancy != null) {
      facts.add(
          new Fact(
              "Squared mean discrepancy",
              Report.minus(Text.format("%.4f", discrepancy)),
              "of "
                  + Text.count(LoadedDcgan.SAMPLES)
                  + " samples from test pictures; 0 where nothing tells them apart"));
    }
    if (run.metrics().isEmpty()) {
      return facts; // stopped in the first epoch
    }
    facts.addAll(run.timing(training.epochs(), training.batchSize()));
    facts.add(
        new Fact(
            "Discriminator",
            Text.format("%.2f", run.metrics().last(DcganTrainee.ON_DATA)),
            "probability of being data that it gave to data, "
                + Text.format("%.2f", run.metrics().last(DcganTrainee.ON_FAKES))
                + " to samples, in the last epoch"));
    return facts;
  }

  private List<Chart> charts() {
    return List.of(
        new Chart(
            "Squared mean discrepancy", List.of(run.line("from test pictures", DcganTrainee.MMD))),
        new Chart(
            "Losses",
            List.of(
                run.line("discriminator", DcganTrainee.LOSS_D),
                run.line("generator", DcganTrainee.LOSS_G))),
        new Chart(
            "Probability of being data",
            List.of(
                run.line("given to data", DcganTrainee.ON_DATA),
                run.line("given to samples", DcganTrainee.ON_FAKES))));
  }

  private Map<String, String> configuration() {
    Map<String, String> pairs = new LinkedHashMap<>();
    pairs.put("Network", LoadedDcgan.size(model));
    pairs.put("Loss", training.loss().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    pairs.put("Batch size", Text.count(training.batchSize()));
    pairs.put(
        "Adam",
        "rate "
            + Text.number(training.learningRate())
            + ", beta1 "
            + Text.number(training.beta1()));
    pairs.put("Discriminator steps", Text.count(training.discriminatorSteps()));
    pairs.put("Label smoothing", Text.number(training.labelSmoothing()));
    pairs.put("Instance noise", Text.number(training.instanceNoise()));
    return pairs;
  }
}
