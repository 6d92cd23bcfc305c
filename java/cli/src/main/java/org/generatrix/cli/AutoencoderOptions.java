// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.util.Map;
import org.generatrix.cli.autoencoder.AutoencoderRecipe;
import org.generatrix.cli.run.PictureRecipe;
import org.generatrix.model.autoencoder.AutoencoderConfig;
import org.generatrix.model.autoencoder.AutoencoderTrainingConfig;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.optim.Decay;
import picocli.CommandLine.Option;

/**
 * The network and its training as options. Ranges are checked by the configuration's own records.
 */
final class AutoencoderOptions {
  @Option(
      names = "--hidden",
      paramLabel = "N-N",
      defaultValue = "400-200",
      description =
          "Hidden units of each layer of the encoder, mirrored in the decoder (default: ${DEFAULT-VALUE}).")
  private String hidden;

  @Option(
      names = "--code",
      paramLabel = "N",
      defaultValue = "16",
      description = "Units of the code (default: ${DEFAULT-VALUE}).")
  private long code;

  @Option(
      names = "--activation",
      paramLabel = "NAME",
      defaultValue = "relu",
      description = "Of the hidden units: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Nonlinearity activation;

  @Option(
      names = "--output",
      paramLabel = "NAME",
      defaultValue = "sigmoid",
      description = "Of the decoder: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private AutoencoderConfig.Output output;

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

  /** The network and its training; refuses what is out of range. */
  PictureRecipe recipe(RunOptions run, HelpOptions options) {
    options.atLeast("--code", code, 1);
    return AutoencoderRecipe.dense(
        options.checked(() -> new AutoencoderConfig(1, hidden, code, activation, output), Map.of()),
        options.checked(
            () ->
                new AutoencoderTrainingConfig(
                    run.epochs(), run.batchSize(), learningRate, decay, run.seed()),
            Map.of()));
  }
}
