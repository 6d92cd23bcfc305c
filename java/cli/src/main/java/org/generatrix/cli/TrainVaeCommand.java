// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import org.generatrix.cli.run.PictureRecipe;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code train vae}. */
@Command(
    name = "vae",
    description =
        "Trains a variational autoencoder, on its evidence lower bound or on a tighter one.")
final class TrainVaeCommand extends TrainModelCommand {
  @Mixin private VaeOptions vae;

  TrainVaeCommand(Interrupt interrupt) {
    super(interrupt);
  }

  @Override
  PictureRecipe recipe(RunOptions run, HelpOptions options) {
    return vae.recipe(run, options);
  }
}
