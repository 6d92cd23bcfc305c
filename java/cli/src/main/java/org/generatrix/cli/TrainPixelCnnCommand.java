// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import org.generatrix.cli.run.PictureRecipe;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code train pixelcnn}. */
@Command(
    name = "pixelcnn",
    description =
        "Trains a PixelCNN, a gated one or a PixelCNN++: exact likelihoods, samples pixel by pixel.")
final class TrainPixelCnnCommand extends TrainModelCommand {
  @Mixin private PixelCnnOptions pixelCnn;

  TrainPixelCnnCommand(Interrupt interrupt) {
    super(interrupt);
  }

  @Override
  PictureRecipe recipe(RunOptions run, HelpOptions options) {
    return pixelCnn.recipe(run, options);
  }
}
