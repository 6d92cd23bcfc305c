// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import java.util.Objects;
import org.generatrix.data.Binarisation;
import org.generatrix.optim.Decay;
import org.generatrix.optim.OptimizerConfig;
import org.generatrix.optim.Rule;
import org.generatrix.train.GradientTrainingConfig;

/**
 * How a {@link FlowModel} is trained: by Adam.
 *
 * @param epochs passes over the data, at least 1
 * @param batchSize rows of an update, at least 1
 * @param learningRate of the first update, positive
 * @param decay how the rate falls over the epochs
 * @param emaDecay of the moving average of the weights, in [0, 1); 0 for none
 * @param clipNorm the most that the gradient's norm may be, 0 for no limit
 * @param weightDecay of all parameters, as in AdamW; 0 for none
 * @param noise deviation of the Gaussian noise that is added to real numbers, drawn anew at each
 *     presentation; 0 for none, as for levels, which are dequantised
 * @param seed of the order of the data and of every draw in training
 */
public record FlowTrainingConfig(
    int epochs,
    int batchSize,
    double learningRate,
    Decay decay,
    double emaDecay,
    double clipNorm,
    double weightDecay,
    double noise,
    long seed) {

  public FlowTrainingConfig {
    Objects.requireNonNull(decay, "decay");
    Checks.atLeast("epochs", epochs, 1);
    Checks.atLeast("batchSize", batchSize, 1);
    Checks.positive("learningRate", learningRate);
    Checks.notNegative("clipNorm", clipNorm);
    Checks.notNegative("weightDecay", weightDecay);
    Checks.notNegative("noise", noise);
    if (!(emaDecay >= 0 && emaDecay < 1)) {
      throw new IllegalArgumentException("emaDecay must be in [0, 1), got " + emaDecay);
    }
  }

  /**
   * Batches of 100, rate 0.001 falling to 0 along a cosine, an average, gradients of norm 100,
   * which only stops what would diverge.
   */
  public static FlowTrainingConfig of(int epochs) {
    return new FlowTrainingConfig(epochs, 100, 1e-3, Decay.COSINE, 0.999, 100, 0, 0, 1);
  }

  public FlowTrainingConfig withEpochs(int number) {
    return new FlowTrainingConfig(
        number, batchSize, learningRate, decay, emaDecay, clipNorm, weightDecay, noise, seed);
  }

  public FlowTrainingConfig withBatchSize(int rows) {
    return new FlowTrainingConfig(
        epochs, rows, learningRate, decay, emaDecay, clipNorm, weightDecay, noise, seed);
  }

  public FlowTrainingConfig withLearningRate(double rate) {
    return new FlowTrainingConfig(
        epochs, batchSize, rate, decay, emaDecay, clipNorm, weightDecay, noise, seed);
  }

  public FlowTrainingConfig withNoise(double deviation) {
    return new FlowTrainingConfig(
        epochs, batchSize, learningRate, decay, emaDecay, clipNorm, weightDecay, deviation, seed);
  }

  /** For a data set of so many examples. */
  GradientTrainingConfig gradient(long examples) {
    long batch = Math.min(batchSize, examples);
    long steps = epochs * ((examples + batch - 1) / batch);
    Rule rule = weightDecay == 0 ? Rule.adam() : Rule.adamW(weightDecay);
    OptimizerConfig adam =
        OptimizerConfig.of(rule, decay.over(learningRate, steps)).withClipNorm(clipNorm);
    return new GradientTrainingConfig(
        emaDecay == 0 ? adam : adam.withWarmedUpEma(emaDecay),
        epochs,
        batchSize,
        Binarisation.INTENSITIES,
        seed);
  }
}
