// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoencoder;

import java.util.Objects;
import org.generatrix.data.Binarisation;
import org.generatrix.optim.Decay;
import org.generatrix.optim.OptimizerConfig;
import org.generatrix.optim.Rule;
import org.generatrix.train.GradientTrainingConfig;

/**
 * How an {@link Autoencoder} is trained: by Adam, on the data as they are.
 *
 * @param epochs passes over the data, at least 1
 * @param batchSize examples of an update, at least 1
 * @param learningRate of the first update, positive
 * @param decay how the rate falls over the epochs
 * @param seed of the order of the data
 */
public record AutoencoderTrainingConfig(
    int epochs, int batchSize, double learningRate, Decay decay, long seed) {

  public AutoencoderTrainingConfig {
    Objects.requireNonNull(decay, "decay");
    if (epochs < 1) {
      throw new IllegalArgumentException("epochs must be at least 1, got " + epochs);
    }
    if (batchSize < 1) {
      throw new IllegalArgumentException("batchSize must be at least 1, got " + batchSize);
    }
    if (!(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "learningRate must be positive and finite, got " + learningRate);
    }
  }

  /** Batches of 100, rate 0.001 falling to 0 along a cosine. */
  public static AutoencoderTrainingConfig of(int epochs) {
    return new AutoencoderTrainingConfig(epochs, 100, 1e-3, Decay.COSINE, 1);
  }

  public AutoencoderTrainingConfig withEpochs(int number) {
    return new AutoencoderTrainingConfig(number, batchSize, learningRate, decay, seed);
  }

  /** For a data set of so many examples. */
  GradientTrainingConfig gradient(long examples) {
    long batch = Math.min(batchSize, examples);
    long steps = epochs * ((examples + batch - 1) / batch);
    OptimizerConfig adam = OptimizerConfig.of(Rule.adam(), decay.over(learningRate, steps));
    return new GradientTrainingConfig(adam, epochs, batchSize, Binarisation.INTENSITIES, seed);
  }
}
