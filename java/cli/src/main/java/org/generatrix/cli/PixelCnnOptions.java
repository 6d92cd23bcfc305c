// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.util.Map;
import org.generatrix.cli.autoregressive.PixelCnnNetwork;
import org.generatrix.cli.autoregressive.PixelCnnRecipe;
import org.generatrix.data.Binarisation;
import org.generatrix.model.autoregressive.ImageShape;
import org.generatrix.model.autoregressive.PixelCnnTrainingConfig;
import org.generatrix.optim.Decay;
import org.generatrix.optim.Rule;
import picocli.CommandLine.Option;

/**
 * The network, its training and its measuring, as options. Ranges are checked by the
 * configuration's own records.
 */
final class PixelCnnOptions {
  @Option(
      names = "--model",
      paramLabel = "NAME",
      defaultValue = "pixelcnn",
      description = {
        "pixelcnn: one stack of masked convolutions; gated: two stacks without a blind spot;",
        "plusplus: down- and upsampling under a mixture of logistics (default: ${DEFAULT-VALUE})."
      })
  private PixelCnnNetwork.Model model;

  @Option(
      names = "--channels",
      paramLabel = "N",
      description = "Channels of a layer (default: 16 of pixelcnn, 32 of the others).")
  private Integer channels;

  @Option(
      names = "--blocks",
      paramLabel = "N",
      description =
          "Residual blocks or gated layers, of plusplus for each resolution (default: 15, gated 8, plusplus 2).")
  private Integer blocks;

  @Option(
      names = "--kernel",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "Odd size of the masked convolutions of pixelcnn and gated (default: ${DEFAULT-VALUE}).")
  private int kernel;

  @Option(
      names = "--first-kernel",
      paramLabel = "N",
      defaultValue = "7",
      description = "The same of the first one (default: ${DEFAULT-VALUE}).")
  private int firstKernel;

  @Option(
      names = "--levels",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "Levels of a pixel: 2 for binary pictures, up to 256 for grey ones (default: ${DEFAULT-VALUE}).")
  private int levels;

  @Option(
      names = "--scales",
      paramLabel = "N",
      defaultValue = "2",
      description = "Resolutions of plusplus (default: ${DEFAULT-VALUE}).")
  private int scales;

  @Option(
      names = "--components",
      paramLabel = "N",
      defaultValue = "5",
      description = "Of the mixture of plusplus (default: ${DEFAULT-VALUE}).")
  private int components;

  @Option(
      names = "--dropout",
      paramLabel = "X",
      defaultValue = "0",
      description =
          "Share of the units of plusplus dropped in training (default: ${DEFAULT-VALUE}).")
  private double dropout;

  @Option(
      names = "--minutes",
      paramLabel = "X",
      description =
          "Train about so long in place of --epochs: a trial tells how many epochs that makes.")
  private Double minutes;

  /** Rules of the updates to choose from. */
  enum Optimiser {
    MUON(Rule.muon()),
    ADAM(Rule.adam());

    final Rule rule;

    Optimiser(Rule rule) {
      this.rule = rule;
    }
  }

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      defaultValue = "muon",
      description = "Rule of the updates: muon or adam (default: ${DEFAULT-VALUE}).")
  private Optimiser optimiser;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      defaultValue = "0.006",
      description = "Rate of the first update (default: ${DEFAULT-VALUE}).")
  private double learningRate;

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
      names = "--binarisation",
      paramLabel = "NAME",
      defaultValue = "resampled",
      description = {
        "How grey values become binary pixels in training: threshold or resampled (default: ${DEFAULT-VALUE}).",
        "Likelihoods are measured on thresholded pictures with threshold, else on pictures binarised by one draw."
      })
  private Binarisation binarisation;

  @Option(
      names = "--likelihood",
      order = 810,
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Measure all test pictures at the end (default: on).")
  private boolean likelihood;

  /** The network and its training; refuses what is out of range. */
  PixelCnnRecipe recipe(RunOptions run, HelpOptions options) {
    if (minutes != null && !(minutes > 0 && minutes < 1e6)) {
      throw options.usage("--minutes must be above 0, got " + minutes + ".");
    }
    if (minutes != null && options.given("--epochs")) {
      throw options.usage("--minutes and --epochs both say how long; only one can be given.");
    }
    if (levels == 2 && binarisation == Binarisation.INTENSITIES) {
      throw options.usage("--binarisation must be threshold or resampled for binary pixels.");
    }
    if (levels > 2 && options.given("--binarisation")) {
      throw options.usage("--binarisation means nothing to pictures of " + levels + " levels.");
    }
    PixelCnnNetwork network =
        new PixelCnnNetwork(
            model,
            channels != null ? channels : model.channels(),
            blocks != null ? blocks : model.blocks(),
            firstKernel,
            kernel,
            levels,
            scales,
            components,
            dropout);
    // What the data do not decide; a picture of any number of scales stands for theirs.
    options.checked(() -> network.config(new ImageShape(1, 1 << 9, 1 << 9, levels)), Map.of());
    return new PixelCnnRecipe(
        network,
        options.checked(() -> training(run), Map.of("emaDecay", "ema")),
        minutes,
        likelihood);
  }

  private PixelCnnTrainingConfig training(RunOptions run) {
    return new PixelCnnTrainingConfig(
        run.epochs(),
        run.batchSize(),
        optimiser.rule,
        learningRate,
        decay,
        ema,
        1,
        levels == 2 ? binarisation : Binarisation.INTENSITIES,
        run.seed());
  }
}
