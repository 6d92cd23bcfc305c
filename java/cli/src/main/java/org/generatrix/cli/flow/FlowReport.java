// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.flow;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.generatrix.cli.Text;
import org.generatrix.cli.report.Report;
import org.generatrix.cli.run.RunView;
import org.generatrix.model.flow.FlowModel;
import org.generatrix.model.flow.FlowTrainingConfig;
import org.generatrix.model.flow.NiceConfig;
import org.generatrix.model.flow.NvpNetConfig;
import org.generatrix.model.flow.SplineFlowConfig;

/** What the reports on flows of points and of pictures have in common. */
abstract class FlowReport {
  final FlowTrainee trainee;
  final FlowModel model;
  final FlowTrainingConfig training;
  final RunView run;

  FlowReport(FlowTrainee trainee, RunView run) {
    this.trainee = trainee;
    this.model = trainee.model;
    this.training = trainee.training.config();
    this.run = run;
  }

  /** "an invertible map of ..", what all these models are. */
  final String map(String of) {
    Record config = model.config();
    String layers =
        config instanceof NiceConfig
            ? "additive couplings, which keep volumes, and a scaling"
            : config instanceof SplineFlowConfig
                ? "couplings by rational-quadratic splines"
                : config instanceof NvpNetConfig
                    ? "affine couplings"
                    : "affine couplings at several scales";
    return "An invertible map between "
        + of
        + " and independent latents, made of "
        + layers
        + ", which gives each of them its exact density, trained"
        + run.onData();
  }

  /** A picture with its caption, where there is one of that name. */
  final void picture(Report report, String heading, String caption, String name) {
    byte[] png = run.pictures().get(name);
    if (png != null) {
      report.picture(heading, caption, png);
    }
  }

  final Report end(Report report) {
    report.pairs("Configuration", "", configuration());
    return report.pairs("Provenance", "", run.provenance(training.seed()));
  }

  private Map<String, String> configuration() {
    Map<String, String> pairs = new LinkedHashMap<>();
    pairs.put("Network", LoadedFlow.size(model));
    pairs.put("Latents", model.base().name().toLowerCase(Locale.ROOT));
    pairs.put("Data", model.dequantisation().describe());
    pairs.put("Batch size", Text.count(training.batchSize()));
    pairs.put("Learning rate", run.rate(training.learningRate(), training.decay()));
    pairs.put(
        "Weights",
        training.emaDecay() == 0
            ? "those of the last update"
            : "a moving average, decay " + Text.number(training.emaDecay()));
    if (training.weightDecay() > 0) {
      pairs.put("Weight decay", Text.number(training.weightDecay()));
    }
    if (training.noise() > 0) {
      pairs.put("Noise in training", Text.number(training.noise()));
    }
    return pairs;
  }
}
