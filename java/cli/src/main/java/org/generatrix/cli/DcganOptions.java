// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.util.Map;
import org.generatrix.cli.adversarial.DcganRecipe;
import org.generatrix.model.adversarial.AdversarialLoss;
import org.generatrix.model.adversarial.DcganConfig;
import org.generatrix.model.adversarial.GanTrainingConfig;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/**
 * The networks and their training as options. Ranges are checked by the configuration's own
 * records.
 */
final class DcganOptions {
  private static final int SIDE = 28; // stands in until the data say

  /** Losses by their names with hyphens. */
  static final class LossByName implements ITypeConverter<AdversarialLoss> {
    @Override
    public AdversarialLoss convert(String name) {
      for (AdversarialLoss loss : AdversarialLoss.values()) {
        if (loss.name().replace('_', '-').equalsIgnoreCase(name)) {
          return loss;
        }
      }
      throw new TypeConversionException(
          "expected non-saturating or minimax but was '" + name + "'");
    }
  }

  @Option(
      names = "--latents",
      paramLabel = "N",
      defaultValue = "100",
      description = "Numbers of a code (default: ${DEFAULT-VALUE}).")
  private int latents;

  @Option(
      names = "--generator-width",
      paramLabel = "N",
      defaultValue = "64",
      description =
          "Features of the generator's last hidden layer; each one before has twice as many (default: ${DEFAULT-VALUE}).")
  private int generatorWidth;

  @Option(
      names = "--discriminator-width",
      paramLabel = "N",
      defaultValue = "64",
      description =
          "Features of the discriminator's first layer; each one behind has twice as many (default: ${DEFAULT-VALUE}).")
  private int discriminatorWidth;

  @Option(
      names = "--loss",
      paramLabel = "NAME",
      defaultValue = "non-saturating",
      converter = LossByName.class,
      description = "Of the generator: non-saturating or minimax (default: ${DEFAULT-VALUE}).")
  private AdversarialLoss loss;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      defaultValue = "0.0002",
      description = "Of both (default: ${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--beta1",
      paramLabel = "X",
      defaultValue = "0.5",
      description = "Adam's decay of the mean gradient (default: ${DEFAULT-VALUE}).")
  private double beta1;

  @Option(
      names = "--discriminator-steps",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Updates of the discriminator for one of the generator (default: ${DEFAULT-VALUE}).")
  private int discriminatorSteps;

  @Option(
      names = "--label-smoothing",
      paramLabel = "X",
      defaultValue = "0",
      description =
          "Data are to be told with probability 1 - X; fakes stay at 0 (default: ${DEFAULT-VALUE}).")
  private double labelSmoothing;

  @Option(
      names = "--instance-noise",
      paramLabel = "X",
      defaultValue = "0",
      description =
          "Standard deviation of noise on what the discriminator sees, falling to 0 over the run (default: ${DEFAULT-VALUE}).")
  private double instanceNoise;

  /** The networks and their training; refuses what is out of range. */
  DcganRecipe recipe(RunOptions run, HelpOptions options) {
    return new DcganRecipe(
        options.checked(
            () -> new DcganConfig(1, SIDE, SIDE, latents, generatorWidth, discriminatorWidth),
            Map.of()),
        options.checked(
            () ->
                new GanTrainingConfig(
                    run.epochs(),
                    run.batchSize(),
                    loss,
                    learningRate,
                    beta1,
                    discriminatorSteps,
                    labelSmoothing,
                    instanceNoise,
                    run.seed()),
            Map.of()));
  }
}
