// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.flow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.generatrix.cli.PointSet;
import org.generatrix.cli.Text;
import org.generatrix.cli.report.Chart;
import org.generatrix.cli.report.Report;
import org.generatrix.cli.report.Report.Fact;
import org.generatrix.cli.run.MetricsLog;
import org.generatrix.cli.run.RunView;

/** The report of a training run of a flow of points. */
final class PointReport extends FlowReport {
  private final PointSet data;
  private final double floor;

  PointReport(PointTrainee trainee, PointSet data, RunView run) {
    super(trainee, run);
    this.data = data;
    floor = data.floor();
  }

  /**
   * The page.
   *
   * @param mass of the density that lies in its picture
   */
  Report page(double mass) {
    Report report = run.open(LoadedFlow.title(model), map(data.noun()));
    report.facts(facts());
    picture(report, "Density", densityCaption(mass), "density");
    picture(report, "Samples", samplesCaption(), "samples");
    picture(
        report,
        "The grid bent by the flow",
        "A square grid of latents, with the latents of the test points, and where the flow takes its lines among"
            + " the points. Neighbouring lines are equally far apart in the latents: where they crowd, the density is high.",
        "grid");
    if (!trainee.forming.isEmpty()) {
      picture(
          report,
          "The density as it forms",
          "From left to right, " + trainee.forming.when() + ".",
          "forming");
    }
    report.charts("Curves", curvesCaption(), charts());
    likelihood(report, trainee.found());
    return end(report);
  }

  private List<Fact> facts() {
    List<Fact> facts = new ArrayList<>();
    FlowLikelihood found = trainee.found();
    if (found != null) {
      facts.add(
          new Fact(
              "Test negative log-likelihood",
              fine(-found.mean()),
              "nats, exact for each of " + Text.count(found.rows()) + " test " + data.noun()));
    }
    if (!Double.isNaN(floor)) {
      facts.add(
          new Fact(
              "Entropy of the data", fine(floor), "nats, the least that any model can expect"));
    }
    if (!run.metrics().isEmpty()) { // else stopped in the first epoch
      facts.addAll(run.timing(training.epochs(), training.batchSize()));
    }
    return facts;
  }

  private static String fine(double nats) {
    return Report.minus(FlowLikelihood.fine(nats));
  }

  private String densityCaption(double mass) {
    String what =
        data.truth() == null
            ? "Each point's density, as brightness."
            : "As brightness: the density that the points were drawn from, and the one that the model learnt from them.";
    return what
        + (Double.isNaN(mass) ? "" : Text.format(" The picture holds %.3f of its mass.", mass));
  }

  private String samplesCaption() {
    if (data.dimensions() == 2) {
      return "Test "
          + data.noun()
          + " in blue, and over them as many samples of the model in orange.";
    }
    int shown = Math.min(PairPictures.COLUMNS, data.dimensions());
    return "The first "
        + shown
        + " columns against each other: test "
        + data.noun()
        + " in blue below the diagonal, samples of the model in orange above it, and the histograms of both in it.";
  }

  private String curvesCaption() {
    String standardised = data.standardisation() == null ? "" : ", whose columns are standardised";
    return "Measured after each epoch, on up to "
        + Text.count(PointTrainee.ROWS)
        + " training and test "
        + data.noun()
        + standardised
        + ".";
  }

  private List<Chart> charts() {
    List<Chart.Line> lines = new ArrayList<>();
    lines.add(run.line("training", trainee.onTrain()));
    lines.add(run.line("test", trainee.onTest()));
    if (!Double.isNaN(floor)) {
      double[] epochs = run.metrics().column(MetricsLog.EPOCH);
      double[] level = new double[epochs.length];
      Arrays.fill(level, floor);
      lines.add(new Chart.Line("entropy of the data", epochs, level));
    }
    return List.of(
        new Chart("Negative log-likelihood, nats", lines),
        new Chart("Learning rate", List.of(run.line("learning rate", FlowTrainee.LEARNING_RATE))));
  }

  private void likelihood(Report report, FlowLikelihood found) {
    if (found == null) {
      return;
    }
    List<String> columns =
        new ArrayList<>(List.of("Mean negative log p", "95 % interval", "Mean log p"));
    List<String> row =
        new ArrayList<>(
            List.of(fine(-found.mean()), Report.minus(found.interval()), fine(found.mean())));
    if (!Double.isNaN(found.truth())) {
      columns.addAll(List.of("Under the true density", "Above that", "Entropy"));
      row.addAll(List.of(fine(found.truth()), fine(-found.mean() - found.truth()), fine(floor)));
    }
    if (data.standardisation() != null) {
      columns.add("Mean log p in the units of the file");
      row.add(fine(found.mean() + data.standardisation().logDensityShift()));
    }
    report.table(
        "Likelihood",
        "In nats over "
            + Text.count(found.rows())
            + " test "
            + data.noun()
            + ", one pass of the flow for each. It is exact; the interval is that of a mean over so many."
            + (Double.isNaN(floor)
                ? ""
                : " The true density is the one that these very points were drawn from; its entropy, the least that any model can expect, is by quadrature."),
        columns,
        List.of(row));
  }
}
