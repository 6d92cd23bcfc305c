// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.adversarial;

import java.util.Objects;
import org.generatrix.optim.OptimizerConfig;
import org.generatrix.optim.Rule;

/**
 * How the two networks of a {@link Gan} are trained: each by Adam, in turns.
 *
 * @param epochs passes over the data, at least 1
 * @param batchSize examples of an update, at least 1
 * @param loss what the generator minimises
 * @param learningRate of both, positive
 * @param beta1 of both: Adam's decay of the first moment, in [0, 1)
 * @param discriminatorSteps updates of the discriminator for one of the generator, at least 1
 * @param labelSmoothing of the labels of data only, in [0, 1): 0 for none
 * @param instanceNoise standard deviation of the Gaussian noise added to what the discriminator
 *     sees, falling linearly to 0 over the run (Sonderby et al., "Amortised MAP inference for image
 *     super-resolution", 2017; Arjovsky and Bottou 2017), at least 0: 0 for none
 * @param seed of the order of the data and of every draw in training
 */
public record GanTrainingConfig(
    int epochs,
    int batchSize,
    AdversarialLoss loss,
    double learningRate,
    double beta1,
    int discriminatorSteps,
    double labelSmoothing,
    double instanceNoise,
    long seed) {

  public GanTrainingConfig {
    Objects.requireNonNull(loss, "loss");
    atLeastOne("epochs", epochs);
    atLeastOne("batchSize", batchSize);
    atLeastOne("discriminatorSteps", discriminatorSteps);
    if (!(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "learningRate must be positive and finite, got " + learningRate);
    }
    share("beta1", beta1);
    share("labelSmoothing", labelSmoothing);
    if (!(instanceNoise >= 0 && instanceNoise < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "instanceNoise must be at least 0 and finite, got " + instanceNoise);
    }
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, got " + value);
    }
  }

  private static void share(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(name + " must be in [0, 1), got " + value);
    }
  }

  /** As in DCGAN: the non-saturating loss, batches of 128, Adam at 0.0002 with beta1 = 0.5. */
  public static GanTrainingConfig of(int epochs) {
    return new GanTrainingConfig(
        epochs, 128, AdversarialLoss.NON_SATURATING, 2e-4, 0.5, 1, 0, 0, 1);
  }

  public GanTrainingConfig withEpochs(int number) {
    return new GanTrainingConfig(
        number,
        batchSize,
        loss,
        learningRate,
        beta1,
        discriminatorSteps,
        labelSmoothing,
        instanceNoise,
        seed);
  }

  public GanTrainingConfig withBatchSize(int number) {
    return new GanTrainingConfig(
        epochs,
        number,
        loss,
        learningRate,
        beta1,
        discriminatorSteps,
        labelSmoothing,
        instanceNoise,
        seed);
  }

  OptimizerConfig optimizer() {
    return OptimizerConfig.of(new Rule.Adam(beta1, 0.999, 1e-8, 0, false), learningRate);
  }
}
