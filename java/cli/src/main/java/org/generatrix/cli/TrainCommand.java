// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The models that can be trained. */
@Command(
    name = "train",
    description =
        "Trains a model and writes a run folder: model, checkpoint, metrics, pictures and a report.",
    subcommands = {
      TrainRbmCommand.class,
      TrainVaeCommand.class,
      TrainAutoencoderCommand.class,
      TrainConvAutoencoderCommand.class,
      TrainPixelCnnCommand.class,
      TrainFlowCommand.class,
      TrainDcganCommand.class
    })
final class TrainCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Mixin private HelpOptions options;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "The kind of model is needed: train rbm, train vae, train autoencoder, train conv-autoencoder, train pixelcnn, train flow or train dcgan.");
  }
}
