// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.variational;

import java.util.Objects;
import org.generatrix.data.Binarisation;
import org.generatrix.optim.Decay;
import org.generatrix.optim.OptimizerConfig;
import org.generatrix.optim.Rule;
import org.generatrix.train.GradientTrainingConfig;

/**
 * How a {@link Vae} is trained: by Adam.
 *
 * @param epochs passes over the data, at least 1
 * @param batchSize examples of an update, at least 1
 * @param objective what is maximised
 * @param importanceSamples K of the importance-weighted bound, at least 1; 1 for ELBO
 * @param learningRate of the first update, positive
 * @param decay how the rate falls over the epochs
 * @param binarisation how float data become the states of Bernoulli units, at each presentation
 * @param seed of the order of the data and of every draw in training
 */
public record VaeTrainingConfig(
    int epochs,
    int batchSize,
    Objective objective,
    int importanceSamples,
    double learningRate,
    Decay decay,
    Binarisation binarisation,
    long seed) {

  /** What is maximised. */
  public enum Objective {
    /** The evidence lower bound, its divergence in closed form where there is one. */
    ELBO,
    /** The importance-weighted bound of K samples. */
    IWAE
  }

  public VaeTrainingConfig {
    Objects.requireNonNull(objective, "objective");
    Objects.requireNonNull(decay, "decay");
    Objects.requireNonNull(binarisation, "binarisation");
    if (epochs < 1) {
      throw new IllegalArgumentException("epochs must be at least 1, got " + epochs);
    }
    if (batchSize < 1) {
      throw new IllegalArgumentException("batchSize must be at least 1, got " + batchSize);
    }
    if (importanceSamples < 1 || objective == Objective.ELBO && importanceSamples > 1) {
      throw new IllegalArgumentException(
          "importanceSamples must be %s, got %d"
              .formatted(
                  objective == Objective.ELBO ? "1 for ELBO" : "at least 1", importanceSamples));
    }
    if (!(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "learningRate must be positive and finite, got " + learningRate);
    }
  }

  /** Kingma and Welling's bound, batches of 100, rate 0.001 falling to 0 along a cosine. */
  public static VaeTrainingConfig elbo(int epochs) {
    return new VaeTrainingConfig(
        epochs, 100, Objective.ELBO, 1, 1e-3, Decay.COSINE, Binarisation.RESAMPLED, 1);
  }

  /** The same with the bound of K samples. */
  public static VaeTrainingConfig iwae(int epochs, int k) {
    return new VaeTrainingConfig(
        epochs, 100, Objective.IWAE, k, 1e-3, Decay.COSINE, Binarisation.RESAMPLED, 1);
  }

  public VaeTrainingConfig withEpochs(int number) {
    return new VaeTrainingConfig(
        number, batchSize, objective, importanceSamples, learningRate, decay, binarisation, seed);
  }

  /** For a data set of so many examples. */
  GradientTrainingConfig gradient(long examples) {
    long batch = Math.min(batchSize, examples);
    long steps = epochs * ((examples + batch - 1) / batch);
    OptimizerConfig adam = OptimizerConfig.of(Rule.adam(), decay.over(learningRate, steps));
    return new GradientTrainingConfig(adam, epochs, batchSize, binarisation, seed);
  }
}
