// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.util.Map;
import org.generatrix.cli.autoencoder.AutoencoderRecipe;
import org.generatrix.cli.run.PictureRecipe;
import org.generatrix.model.autoencoder.AutoencoderTrainingConfig;
import org.generatrix.model.autoencoder.ConvAutoencoderConfig;
import org.generatrix.optim.Decay;
import picocli.CommandLine.Option;

/** The convolutional autoencoder and its training as options. */
final class ConvAutoencoderOptions {
  @Option(
      names = "--code",
      paramLabel = "N",
      defaultValue = "8",
      description = "Units of the code (default: ${DEFAULT-VALUE}).")
  private long code;

  @Option(
      names = "--channels",
      paramLabel = "N",
      defaultValue = "32",
      description = "Channels of the layers between picture and code (default: ${DEFAULT-VALUE}).")
  private long channels;

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
    options.atLeast("--channels", channels, 1);
    return AutoencoderRecipe.convolutional(
        new ConvAutoencoderConfig(code, channels),
        options.checked(
            () ->
                new AutoencoderTrainingConfig(
                    run.epochs(), run.batchSize(), learningRate, decay, run.seed()),
            Map.of()));
  }
}
