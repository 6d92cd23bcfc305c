// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.flow;

import java.util.ArrayList;
import java.util.List;
import org.generatrix.cli.Text;
import org.generatrix.cli.report.Chart;
import org.generatrix.cli.report.Report;
import org.generatrix.cli.report.Report.Fact;
import org.generatrix.cli.run.RunView;

/** The report of a training run of a flow of pictures. */
final class FlowPictureReport extends FlowReport {

  FlowPictureReport(PictureTrainee trainee, RunView run) {
    super(trainee, run);
  }

  /**
   * The page.
   *
   * @param scores of the test pictures that are shown, null if none are
   */
  Report page(FlowPictures.Scores scores) {
    Report report = run.open(LoadedFlow.title(model), map("pictures"));
    report.facts(facts());
    picture(
        report,
        "Samples",
        "Latents drawn from the base density, taken back to pictures by the flow in one pass.",
        "samples");
    picture(
        report,
        "Samples at temperature " + Text.number(PictureTrainee.COOL),
        "The first of them again, with latents that much nearer to the middle of the base density.",
        "cool");
    if (!trainee.forming.isEmpty()) {
      picture(
          report,
          "Samples as they form",
          "From the same random numbers in each row, " + trainee.forming.when() + ".",
          "forming");
    }
    report.charts("Curves", curvesCaption(), charts());
    likelihood(report, trainee.found());
    picture(
        report,
        "Interpolation",
        "Test pictures at both ends, and between them what the flow makes of the latents on the arc between theirs.",
        "interpolation");
    if (scores != null) {
      picture(report, "Most and least likely", extremesCaption(scores), "extremes");
    }
    return end(report);
  }

  private List<Fact> facts() {
    List<Fact> facts = new ArrayList<>();
    FlowLikelihood found = trainee.found();
    if (found != null) {
      facts.add(
          new Fact(
              "Bits per dimension",
              Text.format("%.3f", found.bits()),
              "on " + Text.count(found.rows()) + " test pictures, " + dequantised()));
      facts.add(
          new Fact(
              "Test log-likelihood",
              Report.nats(found.mean()),
              "nats per picture, of the density of the dequantised pixels"));
    }
    if (!run.metrics().isEmpty()) { // else stopped in the first epoch
      facts.addAll(run.timing(training.epochs(), training.batchSize()));
    }
    return facts;
  }

  private String dequantised() {
    return model.dequantisation().describe();
  }

  private String curvesCaption() {
    return "Measured after each epoch, on up to "
        + PictureTrainee.ROWS
        + " training and test pictures; "
        + dequantised()
        + ".";
  }

  private List<Chart> charts() {
    return List.of(
        new Chart(
            "Bits per dimension",
            List.of(run.line("training", trainee.onTrain()), run.line("test", trainee.onTest()))),
        new Chart("Learning rate", List.of(run.line("learning rate", FlowTrainee.LEARNING_RATE))));
  }

  private void likelihood(Report report, FlowLikelihood found) {
    if (found == null) {
      return;
    }
    report.table(
        "Likelihood",
        "Mean log-density in nats over "
            + Text.count(found.rows())
            + " test pictures, one draw of the noise and one pass of the flow for each; "
            + dequantised()
            + ". Bits per dimension of the levels are at most these on average. The interval is that of a mean over so many pictures.",
        List.of("Mean log p", "95 % interval", "Bits per dimension"),
        List.of(
            List.of(
                Report.nats(found.mean()),
                Report.minus(found.interval()),
                Text.format("%.4f", found.bits()))));
  }

  private static String extremesCaption(FlowPictures.Scores scores) {
    return "Of "
        + Text.count(scores.ranked())
        + " test pictures, those that the model expects most, the likeliest first, at "
        + range(scores.most())
        + " bits per dimension; below the gap those it expects least, the strangest first, at "
        + range(scores.least())
        + ".";
  }

  private static String range(double[] bits) {
    return bits.length == 1
        ? Report.minus(Text.format("%.2f", bits[0]))
        : Report.minus(Text.format("%.2f to %.2f", bits[0], bits[bits.length - 1]));
  }
}
