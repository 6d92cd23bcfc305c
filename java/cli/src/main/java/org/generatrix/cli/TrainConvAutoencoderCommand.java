// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import org.generatrix.cli.run.PictureRecipe;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code train conv-autoencoder}. */
@Command(
    name = "conv-autoencoder",
    description =
        "Trains an autoencoder of convolutions on pictures of 28 x 28 pixels, and sets it beside principal components.")
final class TrainConvAutoencoderCommand extends TrainModelCommand {
  @Mixin private ConvAutoencoderOptions autoencoder;

  TrainConvAutoencoderCommand(Interrupt interrupt) {
    super(interrupt);
  }

  @Override
  PictureRecipe recipe(RunOptions run, HelpOptions options) {
    return autoencoder.recipe(run, options);
  }
}
