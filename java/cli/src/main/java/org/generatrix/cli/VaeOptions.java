// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.util.Map;
import org.generatrix.cli.variational.VaeRecipe;
import org.generatrix.data.Binarisation;
import org.generatrix.model.variational.VaeConfig;
import org.generatrix.model.variational.VaeTrainingConfig;
import org.generatrix.model.variational.VaeTrainingConfig.Objective;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.optim.Decay;
import picocli.CommandLine.Option;

/**
 * The network, its training and its measuring, as options. Ranges are checked by the
 * configuration's own records.
 */
final class VaeOptions {
  private static final int DEFAULT_IMPORTANCE_SAMPLES = 5;

  @Option(
      names = "--hidden",
      paramLabel = "N-N",
      defaultValue = "200-200",
      description =
          "Hidden units of each layer of the recognition network, mirrored in the decoder; with several stochastic layers a list for each, joined by commas (default: ${DEFAULT-VALUE}).")
  private String hidden;

  @Option(
      names = "--latents",
      paramLabel = "N",
      defaultValue = "50",
      description =
          "Latent units, of several stochastic layers 100-50; 2 give a picture of the whole manifold (default: ${DEFAULT-VALUE}).")
  private String latents;

  @Option(
      names = "--decoder",
      paramLabel = "NAME",
      defaultValue = "bernoulli",
      description = "What the pixels are: bernoulli or gaussian (default: ${DEFAULT-VALUE}).")
  private VaeConfig.Decoder decoder;

  @Option(
      names = "--activation",
      paramLabel = "NAME",
      defaultValue = "tanh",
      description = "Of the hidden units: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Nonlinearity activation;

  @Option(
      names = "--objective",
      paramLabel = "NAME",
      defaultValue = "elbo",
      description =
          "elbo, or iwae: the tighter bound of several importance samples (default: ${DEFAULT-VALUE}).")
  private Objective objective;

  @Option(
      names = "--importance-samples",
      paramLabel = "K",
      description = "Samples a picture of the objective (default: 1 with elbo, 5 with iwae).")
  private Integer importanceSamples;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      defaultValue = "0.001",
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
      names = "--binarisation",
      paramLabel = "NAME",
      defaultValue = "resampled",
      description = {
        "How grey values become the states of bernoulli pixels in training: threshold, resampled or intensities (default: ${DEFAULT-VALUE}).",
        "Likelihoods are measured on thresholded pictures with threshold, else on pictures binarised by one draw."
      })
  private Binarisation binarisation;

  @Option(
      names = "--likelihood",
      order = 810,
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Estimate the test log-likelihood by importance weighting (default: on).")
  private boolean likelihood;

  @Option(
      names = "--likelihood-samples",
      paramLabel = "N",
      order = 810,
      defaultValue = "5000",
      description = "Samples a picture of that (default: ${DEFAULT-VALUE}).")
  private int likelihoodSamples;

  /** The network and its training; refuses what is out of range. */
  VaeRecipe recipe(RunOptions run, HelpOptions options) {
    options.atLeast("--likelihood-samples", likelihoodSamples, 1);
    VaeConfig network =
        options.checked(() -> new VaeConfig(1, hidden, latents, decoder, activation), Map.of());
    return new VaeRecipe(
        network,
        options.checked(() -> training(run), Map.of()),
        likelihood ? likelihoodSamples : 0);
  }

  private VaeTrainingConfig training(RunOptions run) {
    int samples =
        importanceSamples != null
            ? importanceSamples
            : objective == Objective.IWAE ? DEFAULT_IMPORTANCE_SAMPLES : 1;
    Binarisation states =
        decoder == VaeConfig.Decoder.GAUSSIAN ? Binarisation.INTENSITIES : binarisation;
    return new VaeTrainingConfig(
        run.epochs(), run.batchSize(), objective, samples, learningRate, decay, states, run.seed());
  }
}
