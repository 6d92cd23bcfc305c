// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.autoencoder;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.generatrix.cli.Text;
import org.generatrix.cli.report.Chart;
import org.generatrix.cli.report.Report;
import org.generatrix.cli.report.Report.Fact;
import org.generatrix.cli.run.RunView;
import org.generatrix.model.autoencoder.AutoencoderTrainingConfig;
import org.generatrix.model.autoencoder.CodeModel;

/** The report of a training run of an autoencoder. */
record AutoencoderReport(CodeModel model, AutoencoderTrainingConfig training, RunView run) {

  /** The page. */
  Report page(AutoencoderTrainee.Errors errors) {
    Report report = run.open(title(), lede());
    report.facts(facts(errors));
    report.picture(
        "Reconstructions",
        "Test pictures, below what comes back of them through a code of "
            + model.code()
            + " numbers, and below that what "
            + components()
            + " leave, the best that a linear code of that size can do.",
        run.pictures().get("reconstructions"));
    report.charts(
        "Curves",
        "Measured after each epoch, on up to "
            + AutoencoderTrainee.ROWS
            + " training and test pictures.",
        List.of(
            new Chart(
                "Reconstruction error, mean square per pixel",
                List.of(
                    run.line("training", AutoencoderTrainee.TRAIN_ERROR),
                    run.line("test", AutoencoderTrainee.TEST_ERROR))),
            new Chart(
                "Learning rate",
                List.of(run.line("learning rate", AutoencoderTrainee.LEARNING_RATE)))));
    report.table(
        "Error",
        "Mean squared error of a pixel, whose intensity is between 0 and 1, over all training and test pictures.",
        List.of("Code of " + model.code(), "Training", "Test"),
        List.of(
            List.of("autoencoder", error(errors.train()), error(errors.test())),
            List.of("principal components", error(errors.pcaTrain()), error(errors.pcaTest()))));
    report.picture(
        "Interpolation",
        "Test pictures at both ends, and between them what the decoder makes of the codes on the straight line between theirs.",
        run.pictures().get("interpolation"));
    report.picture(
        "Samples",
        "What the decoder makes of codes drawn from a Gaussian that has the mean and deviation of each unit of the training pictures' codes."
            + " The codes need not be Gaussian, and nothing in the training asked the decoder for more than pictures it was shown:"
            + " how good these are says how far that goes.",
        run.pictures().get("samples"));
    report.pairs("Configuration", "", configuration());
    return report.pairs("Provenance", "", run.provenance(training.seed()));
  }

  // "Autoencoder, 784 - 400 - 16"
  private String title() {
    Network network = Network.of(model);
    String name = network.name().substring(network.name().indexOf(' ') + 1);
    return Character.toUpperCase(name.charAt(0))
        + name.substring(1)
        + ", "
        + network.size().replace("-", " \u2013 ");
  }

  private String components() {
    return model.code() + (model.code() == 1 ? " principal component" : " principal components");
  }

  private String lede() {
    return "An encoder that turns "
        + Text.count(model.visible())
        + " pixels into "
        + model.code()
        + " numbers, and a decoder that turns them back, trained"
        + run.onData();
  }

  private List<Fact> facts(AutoencoderTrainee.Errors errors) {
    List<Fact> facts = new ArrayList<>();
    facts.add(
        new Fact(
            "Test error",
            error(errors.test()),
            "mean square per pixel; "
                + components()
                + (model.code() == 1 ? " leaves " : " leave ")
                + error(errors.pcaTest())));
    facts.addAll(run.timing(training.epochs(), training.batchSize()));
    return facts;
  }

  private static String error(double x) {
    return Text.format("%.5f", x);
  }

  private Map<String, String> configuration() {
    Map<String, String> pairs = new LinkedHashMap<>(Network.of(model).layers());
    pairs.put("Batch size", Text.count(training.batchSize()));
    pairs.put("Learning rate", run.rate(training.learningRate(), training.decay()));
    return pairs;
  }
}
