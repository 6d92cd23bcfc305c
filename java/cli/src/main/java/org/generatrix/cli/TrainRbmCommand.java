// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import org.generatrix.cli.run.PictureRecipe;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code train rbm}. */
@Command(name = "rbm", description = "Trains a restricted Boltzmann machine with binary units.")
final class TrainRbmCommand extends TrainModelCommand {
  @Mixin private RbmOptions rbm;

  TrainRbmCommand(Interrupt interrupt) {
    super(interrupt);
  }

  @Override
  PictureRecipe recipe(RunOptions run, HelpOptions options) {
    return rbm.recipe(run, options);
  }
}
