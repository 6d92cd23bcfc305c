// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import org.generatrix.cli.run.PictureRecipe;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code train autoencoder}. */
@Command(
    name = "autoencoder",
    description = "Trains an autoencoder, and sets it beside principal components.")
final class TrainAutoencoderCommand extends TrainModelCommand {
  @Mixin private AutoencoderOptions autoencoder;

  TrainAutoencoderCommand(Interrupt interrupt) {
    super(interrupt);
  }

  @Override
  PictureRecipe recipe(RunOptions run, HelpOptions options) {
    return autoencoder.recipe(run, options);
  }
}
