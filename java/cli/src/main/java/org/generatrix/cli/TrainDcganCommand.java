// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import org.generatrix.cli.run.PictureRecipe;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code train dcgan}. */
@Command(name = "dcgan", description = "Trains a convolutional generator against a discriminator.")
final class TrainDcganCommand extends TrainModelCommand {
  @Mixin private DcganOptions gan;

  TrainDcganCommand(Interrupt interrupt) {
    super(interrupt);
  }

  @Override
  PictureRecipe recipe(RunOptions run, HelpOptions options) {
    return gan.recipe(run, options);
  }
}
