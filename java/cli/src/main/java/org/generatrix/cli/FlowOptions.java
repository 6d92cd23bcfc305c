// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.generatrix.cli.flow.FlowNetwork;
import org.generatrix.cli.flow.FlowNetwork.Model;
import org.generatrix.cli.flow.FlowRecipe;
import org.generatrix.model.flow.FlowTrainingConfig;
import org.generatrix.model.flow.RealNvpConfig;
import org.generatrix.optim.Decay;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The data, the flow and its training, as options. */
final class FlowOptions {
  private static final List<String> OF_SOME =
      List.of("--couplings", "--clamp", "--bins", "--scales", "--norm");
  private static final double CLIP_NORM = 100; // only stops what would diverge
  private static final int MOST_BINS = 64;

  @Mixin private PointsOption points;

  @Option(
      names = "--train-points",
      paramLabel = "N",
      defaultValue = "10000",
      description = "How many of --points are drawn to learn from (default: ${DEFAULT-VALUE}).")
  private int trainPoints;

  @Option(
      names = "--test-points",
      paramLabel = "N",
      defaultValue = "10000",
      description = "How many are drawn to measure on (default: ${DEFAULT-VALUE}).")
  private int testPoints;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description =
          "nvp: affine couplings, of points; spline: rational-quadratic ones, of points; nice: additive ones and a scaling, of either; realnvp: affine ones at several scales, of pictures (default: spline of points, nice of pictures).")
  private Model model;

  @Option(
      names = "--couplings",
      paramLabel = "N",
      description = "Couplings of nvp, spline and nice (default: 8, 6 and 4).")
  private Integer couplings;

  @Option(
      names = "--width",
      paramLabel = "N",
      description =
          "Hidden units of their networks; of realnvp channels at the first scale (default: 64, of pictures 500, of realnvp 16).")
  private Integer width;

  @Option(
      names = "--layers",
      paramLabel = "N",
      description =
          "Hidden layers of their networks, with spline and realnvp residual blocks (default: 2; nice of pictures 5).")
  private Integer layers;

  @Option(
      names = "--clamp",
      paramLabel = "X",
      defaultValue = "0",
      description = "The most that a log-scale of nvp may be; 0 for no limit (default: 0).")
  private double clamp;

  @Option(
      names = "--bins",
      paramLabel = "N",
      defaultValue = "8",
      description = "Of the splines (default: ${DEFAULT-VALUE}).")
  private int bins;

  @Option(
      names = "--scales",
      paramLabel = "N",
      description = "Of realnvp (default: 3, or as many as the pictures can be halved).")
  private Integer scales;

  @Option(
      names = "--norm",
      paramLabel = "NAME",
      defaultValue = "batch",
      description = "What norm realnvp has: batch or weight (default: ${DEFAULT-VALUE}).")
  private RealNvpConfig.Norm norm;

  @Option(
      names = "--minutes",
      paramLabel = "X",
      description =
          "Train about so long in place of --epochs: a trial tells how many epochs that makes.")
  private Double minutes;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      description = "Rate of the first update (default: nvp 0.005, nice 0.003, else 0.001).")
  private Double learningRate;

  @Option(
      names = "--decay",
      paramLabel = "NAME",
      defaultValue = "cosine",
      description =
          "How the rate falls to 0 over the epochs: cosine or linear; or constant (default: ${DEFAULT-VALUE}).")
  private Decay decay;

  @Option(
      names = "--ema",
      paramLabel = "X",
      defaultValue = "0.999",
      description =
          "Decay of the average of the weights, which is what is measured, drawn and saved; 0 for none (default: ${DEFAULT-VALUE}).")
  private double ema;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      defaultValue = "0",
      description = "Decay of all parameters, as in AdamW (default: ${DEFAULT-VALUE}).")
  private double weightDecay;

  @Option(
      names = "--jitter",
      paramLabel = "X",
      defaultValue = "0",
      description =
          "Deviation of Gaussian noise on points at each presentation, against learning them by heart (default: ${DEFAULT-VALUE}).")
  private double jitter;

  @Option(
      names = "--likelihood",
      order = 810,
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Measure all of the test set at the end (default: on).")
  private boolean likelihood;

  /** The flow and its training; refuses what is out of range. */
  FlowRecipe recipe(RunOptions run, HelpOptions options) {
    checkData(options);
    Model chosen = model != null ? model : points.given() ? Model.SPLINE : Model.NICE;
    checkModel(chosen, options);
    if (minutes != null && !(minutes > 0 && minutes < 1e6)) {
      throw options.usage("--minutes must be above 0, got " + minutes + ".");
    }
    if (minutes != null && options.given("--epochs")) {
      throw options.usage("--minutes and --epochs both say how long; only one can be given.");
    }
    return new FlowRecipe(
        network(chosen),
        points.source(trainPoints, testPoints, run.seed()),
        options.checked(() -> training(chosen, run), Map.of("emaDecay", "ema", "noise", "jitter")),
        minutes,
        likelihood);
  }

  private void checkData(HelpOptions options) {
    points.check(options);
    if (points.given() && options.given("--data")) {
      throw options.usage("--data names pictures; with points it cannot be given.");
    }
    options.atLeast("--train-points", trainPoints, 1);
    options.atLeast("--test-points", testPoints, 1);
    for (String option : List.of("--train-points", "--test-points")) {
      if (options.given(option) && !options.given("--points")) {
        throw options.usage(option + " belongs to --points.");
      }
    }
    if (options.given("--jitter") && !points.given()) {
      throw options.usage("--jitter is for points; pictures are dequantised.");
    }
  }

  private void checkModel(Model chosen, HelpOptions options) {
    String name = chosen.name().toLowerCase(Locale.ROOT);
    if (points.given() && !chosen.ofPoints()) {
      throw options.usage(
          "--model " + name + " is for pictures; of points there are nvp, spline and nice.");
    }
    if (!points.given() && !chosen.ofPictures()) {
      throw options.usage(
          "--model " + name + " is for --points or --csv; of pictures there are nice and realnvp.");
    }
    for (String option : OF_SOME) {
      if (options.given(option) && !chosen.options().contains(option)) {
        throw options.usage(option + " means nothing to --model " + name + ".");
      }
    }
    options.atLeast("--couplings", couplings, 1);
    options.atLeast("--width", width, 1);
    options.atLeast("--layers", layers, chosen == Model.NVP ? 1 : 0);
    options.atLeast("--clamp", clamp, 0);
    options.atLeast("--scales", scales, 1);
    if (bins < 2 || bins > MOST_BINS) {
      throw options.usage("--bins must be in [2, " + MOST_BINS + "], got " + bins + ".");
    }
  }

  private FlowNetwork network(Model chosen) {
    boolean ofPictures = !points.given();
    int usualCouplings =
        switch (chosen) {
          case NVP -> 8;
          case SPLINE -> 6;
          case NICE, REALNVP -> 4;
        };
    int usualWidth = chosen == Model.REALNVP ? 16 : ofPictures ? 500 : 64;
    int usualLayers = chosen == Model.NICE && ofPictures ? 5 : 2;
    return new FlowNetwork(
        chosen,
        couplings != null ? couplings : usualCouplings,
        width != null ? width : usualWidth,
        layers != null ? layers : usualLayers,
        bins,
        clamp,
        scales != null ? scales : 0,
        norm);
  }

  private FlowTrainingConfig training(Model chosen, RunOptions run) {
    double usualRate =
        switch (chosen) {
          case NVP -> 5e-3;
          case NICE -> 3e-3;
          case SPLINE, REALNVP -> 1e-3;
        };
    return new FlowTrainingConfig(
        run.epochs(),
        run.batchSize(),
        learningRate != null ? learningRate : usualRate,
        decay,
        ema,
        CLIP_NORM,
        weightDecay,
        jitter,
        run.seed());
  }
}
