// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.autoregressive;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.generatrix.cli.DataSet;
import org.generatrix.cli.Text;
import org.generatrix.cli.picture.Forming;
import org.generatrix.cli.report.Chart;
import org.generatrix.cli.report.Report;
import org.generatrix.cli.report.Report.Fact;
import org.generatrix.cli.run.RunView;
import org.generatrix.data.Binarisation;
import org.generatrix.model.autoregressive.AutoregressiveImages;
import org.generatrix.model.autoregressive.PixelCnnTrainingConfig;

/** The report of a training run of a PixelCNN. */
final class PixelCnnReport {
  private final AutoregressiveImages model;
  private final PixelCnnTrainingConfig training;
  private final RunView run;

  PixelCnnReport(AutoregressiveImages model, PixelCnnTrainingConfig training, RunView run) {
    this.model = model;
    this.training = training;
    this.run = run;
  }

  /**
   * The page.
   *
   * @param likelihood of all test pictures, null if not measured
   * @param measured what test pictures are made into
   * @param forming samples over the epochs
   */
  Report page(PixelCnnLikelihood likelihood, Binarisation measured, Forming forming) {
    String name = LoadedPixelCnn.name(model).replaceFirst("an? ", "");
    Report report =
        run.open(
            name.substring(0, 1).toUpperCase(java.util.Locale.ROOT)
                + name.substring(1)
                + ", "
                + LoadedPixelCnn.layers(model),
            lede());
    report.facts(facts(likelihood));
    report.picture(
        "Samples",
        "Drawn from the model pixel by pixel, from left to right and from top to bottom, each given all before it.",
        run.pictures().get("samples"));
    report.picture(
        "Samples as they are drawn",
        "Four of them from left to right, an eighth of the pixels at a time; slate is still to come.",
        run.pictures().get("stages"));
    if (run.pictures().containsKey("forming")) {
      report.picture(
          "Samples as they form",
          "From the same random numbers in each row, " + forming.when() + ".",
          run.pictures().get("forming"));
    }
    report.charts("Curves", curvesCaption(measured), charts());
    likelihood(report, likelihood);
    report.picture(
        "Completions",
        "Test pictures, the "
            + PixelCnnTrainee.OBSERVED
            + " half that the model is given, and "
            + PixelCnnPictures.COMPLETIONS
            + " draws of the rest.",
        run.pictures().get("completions"));
    report.pairs("Configuration", "", configuration());
    return report.pairs("Provenance", "", run.provenance(training.seed()));
  }

  private String lede() {
    return "A network of masked convolutions that gives each pixel a distribution over "
        + model.image().levels()
        + " levels given all pixels before it, and so the exact likelihood of a picture, trained"
        + run.onData();
  }

  private List<Fact> facts(PixelCnnLikelihood likelihood) {
    List<Fact> facts = new ArrayList<>();
    if (likelihood != null) {
      facts.add(
          new Fact(
              "Test log-likelihood",
              Report.nats(likelihood.value().mean()),
              "nats per picture, exact for each"));
      facts.add(
          new Fact(
              "Bits per pixel", Text.format("%.4f", likelihood.bits()), "on the test pictures"));
    }
    if (!run.metrics().isEmpty()) { // else stopped in the first epoch
      facts.addAll(run.timing(training.epochs(), training.batchSize()));
    }
    return facts;
  }

  private static String curvesCaption(Binarisation measured) {
    return "Measured after each epoch, on up to "
        + PixelCnnTrainee.ROWS
        + " training and test pictures, "
        + DataSet.describe(measured)
        + ".";
  }

  private List<Chart> charts() {
    return List.of(
        new Chart(
            "Log-likelihood, nats per picture",
            List.of(
                run.line("training", PixelCnnTrainee.TRAIN),
                run.line("test", PixelCnnTrainee.TEST))),
        new Chart(
            "Learning rate", List.of(run.line("learning rate", PixelCnnTrainee.LEARNING_RATE))));
  }

  private static void likelihood(Report report, PixelCnnLikelihood found) {
    if (found == null) {
      return;
    }
    report.table(
        "Likelihood",
        "Mean log p(x) in nats over "
            + found.measuredOn()
            + ", one pass of the network for each. It is exact; the interval is that of a mean over so many pictures.",
        List.of("Mean log p", "95 % interval", "Bits per pixel"),
        List.of(
            List.of(
                Report.nats(found.value().mean()),
                Report.minus(found.interval()),
                Text.format("%.4f", found.bits()))));
  }

  private Map<String, String> configuration() {
    Map<String, String> pairs = new LinkedHashMap<>();
    pairs.put("Network", LoadedPixelCnn.size(model));
    pairs.put("Batch size", Text.count(training.batchSize()));
    pairs.put("Learning rate", run.rate(training.learningRate(), training.decay()));
    pairs.put(
        "Weights",
        training.emaDecay() == 0
            ? "those of the last update"
            : "a moving average, decay " + Text.number(training.emaDecay()));
    pairs.put("Binarisation in training", training.binarisation().id());
    return pairs;
  }
}
