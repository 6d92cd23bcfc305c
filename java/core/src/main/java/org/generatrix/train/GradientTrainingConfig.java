// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.train;

import java.util.Objects;
import org.generatrix.data.Binarisation;
import org.generatrix.optim.OptimizerConfig;

/**
 * How a model is trained by its gradient.
 *
 * @param optimizer the rule, its schedule, clipping, and the average
 * @param epochs passes over the data, at least 1
 * @param batchSize rows of an update, at least 1
 * @param binarisation how float data become what the model sees; bits are taken as they are
 * @param seed of the order of the data and of every draw in training
 */
public record GradientTrainingConfig(
    OptimizerConfig optimizer, int epochs, int batchSize, Binarisation binarisation, long seed) {

  public GradientTrainingConfig {
    Objects.requireNonNull(optimizer, "optimizer");
    Objects.requireNonNull(binarisation, "binarisation");
    if (epochs < 1) {
      throw new IllegalArgumentException("epochs must be at least 1, got " + epochs);
    }
    if (batchSize < 1) {
      throw new IllegalArgumentException("batchSize must be at least 1, got " + batchSize);
    }
  }

  /** On the data as they are. */
  public static GradientTrainingConfig of(
      OptimizerConfig optimizer, int epochs, int batchSize, long seed) {
    return new GradientTrainingConfig(optimizer, epochs, batchSize, Binarisation.INTENSITIES, seed);
  }

  public GradientTrainingConfig withEpochs(int number) {
    return new GradientTrainingConfig(optimizer, number, batchSize, binarisation, seed);
  }

  public GradientTrainingConfig withBinarisation(Binarisation how) {
    return new GradientTrainingConfig(optimizer, epochs, batchSize, how, seed);
  }
}
