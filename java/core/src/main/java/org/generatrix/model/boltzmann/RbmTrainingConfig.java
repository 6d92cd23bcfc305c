// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import org.generatrix.data.Binarisation;

/**
 * How an {@link Rbm} is trained. Every field is checked; {@link #builder()} starts from what works
 * for digits.
 *
 * @param algorithm where the model's states come from
 * @param steps Gibbs steps per update (the k of CD-k and PCD-k), at least 1
 * @param batchSize examples per update, at least 1
 * @param chains persistent chains (per temperature when tempering), at least 1; not used by CD
 * @param epochs passes over the data, at least 1
 * @param learningRate at the first update, positive
 * @param finalLearningRate at the last update, reached linearly, in [0, learningRate]
 * @param momentum the share of the velocity that stays, in [0, 1)
 * @param weightDecay L2 decay of W, not negative
 * @param sparsityTarget wanted mean activity of a hidden unit, in (0, 1)
 * @param sparsityCost strength of the pull towards it, not negative; 0 is off
 * @param offsetRate how fast mu and lambda follow the data's means, in [0, 1]; only for centered
 *     machines
 * @param replicas temperatures of parallel tempering, at least 2; 1 otherwise
 * @param hottestBeta inverse temperature of the hottest replica, in [0, 1); the others are spaced
 *     evenly from there to 1. Machines of hundreds of units need many replicas to reach down to 0;
 *     few of them swap only near 1
 * @param binarisation how intensities become visible states
 * @param seed of the batches' order and of all draws
 */
public record RbmTrainingConfig(
    Algorithm algorithm,
    int steps,
    int batchSize,
    int chains,
    int epochs,
    double learningRate,
    double finalLearningRate,
    double momentum,
    double weightDecay,
    double sparsityTarget,
    double sparsityCost,
    double offsetRate,
    int replicas,
    double hottestBeta,
    Binarisation binarisation,
    long seed) {

  /** Where the states of the model's average come from. */
  public enum Algorithm {
    /** Contrastive divergence: a short chain from each data row (Hinton 2002). */
    CD,
    /**
     * Persistent contrastive divergence: chains that go on from update to update (Tieleman 2008).
     */
    PCD,
    /** PCD whose chains swap states with hotter ones (Desjardins et al. 2010). */
    PARALLEL_TEMPERING
  }

  public RbmTrainingConfig {
    require(algorithm != null, "algorithm", "set", null);
    require(steps >= 1, "steps", "at least 1", steps);
    require(batchSize >= 1, "batchSize", "at least 1", batchSize);
    require(chains >= 1, "chains", "at least 1", chains);
    require(epochs >= 1, "epochs", "at least 1", epochs);
    require(
        learningRate > 0 && learningRate <= Float.MAX_VALUE,
        "learningRate",
        "positive and finite",
        learningRate);
    require(
        finalLearningRate >= 0 && finalLearningRate <= learningRate,
        "finalLearningRate",
        "in [0, learningRate = " + learningRate + "]",
        finalLearningRate);
    require(momentum >= 0 && momentum < 1, "momentum", "in [0, 1)", momentum);
    require(
        weightDecay >= 0 && weightDecay <= Float.MAX_VALUE,
        "weightDecay",
        "finite and not negative",
        weightDecay);
    require(
        sparsityTarget > 0 && sparsityTarget < 1, "sparsityTarget", "in (0, 1)", sparsityTarget);
    require(
        sparsityCost >= 0 && sparsityCost <= Float.MAX_VALUE,
        "sparsityCost",
        "finite and not negative",
        sparsityCost);
    require(offsetRate >= 0 && offsetRate <= 1, "offsetRate", "in [0, 1]", offsetRate);
    boolean tempering = algorithm == Algorithm.PARALLEL_TEMPERING;
    require(
        tempering ? replicas >= 2 : replicas == 1,
        "replicas",
        tempering ? "at least 2 with PARALLEL_TEMPERING" : "1 with " + algorithm,
        replicas);
    require(hottestBeta >= 0 && hottestBeta < 1, "hottestBeta", "in [0, 1)", hottestBeta);
    require(binarisation != null, "binarisation", "set", null);
  }

  private static void require(boolean holds, String field, String expected, Object actual) {
    if (!holds) {
      throw new IllegalArgumentException(field + " must be " + expected + ", got " + actual);
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts from this configuration. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.algorithm = algorithm;
    builder.steps = steps;
    builder.batchSize = batchSize;
    builder.chains = chains;
    builder.epochs = epochs;
    builder.learningRate = learningRate;
    builder.finalLearningRate = finalLearningRate;
    builder.momentum = momentum;
    builder.weightDecay = weightDecay;
    builder.sparsityTarget = sparsityTarget;
    builder.sparsityCost = sparsityCost;
    builder.offsetRate = offsetRate;
    builder.replicas = replicas;
    builder.hottestBeta = hottestBeta;
    builder.binarisation = binarisation;
    builder.seed = seed;
    return builder;
  }

  /** Sets fields by name; {@link #build()} checks them. */
  public static final class Builder {
    private Algorithm algorithm = Algorithm.PCD;
    private int steps = 1;
    private int batchSize = 100;
    private int chains = 100;
    private int epochs = 10;
    private double learningRate = 0.05;
    private double finalLearningRate = 0;
    private double momentum = 0;
    private double weightDecay = 0;
    private double sparsityTarget = 0.1;
    private double sparsityCost = 0;
    private double offsetRate = 0.01;
    private Integer replicas; // null: 10 when tempering, else 1
    private double hottestBeta = 0.9;
    private Binarisation binarisation = Binarisation.INTENSITIES;
    private long seed = 1;

    private Builder() {}

    public Builder algorithm(Algorithm value) {
      algorithm = value;
      return this;
    }

    public Builder steps(int value) {
      steps = value;
      return this;
    }

    public Builder batchSize(int value) {
      batchSize = value;
      return this;
    }

    public Builder chains(int value) {
      chains = value;
      return this;
    }

    public Builder epochs(int value) {
      epochs = value;
      return this;
    }

    public Builder learningRate(double value) {
      learningRate = value;
      return this;
    }

    public Builder finalLearningRate(double value) {
      finalLearningRate = value;
      return this;
    }

    public Builder momentum(double value) {
      momentum = value;
      return this;
    }

    public Builder weightDecay(double value) {
      weightDecay = value;
      return this;
    }

    public Builder sparsity(double target, double cost) {
      sparsityTarget = target;
      sparsityCost = cost;
      return this;
    }

    public Builder offsetRate(double value) {
      offsetRate = value;
      return this;
    }

    public Builder replicas(int value) {
      replicas = value;
      return this;
    }

    public Builder hottestBeta(double value) {
      hottestBeta = value;
      return this;
    }

    public Builder binarisation(Binarisation value) {
      binarisation = value;
      return this;
    }

    public Builder seed(long value) {
      seed = value;
      return this;
    }

    public RbmTrainingConfig build() {
      int temperatures =
          replicas != null ? replicas : algorithm == Algorithm.PARALLEL_TEMPERING ? 10 : 1;
      return new RbmTrainingConfig(
          algorithm,
          steps,
          batchSize,
          chains,
          epochs,
          learningRate,
          finalLearningRate,
          momentum,
          weightDecay,
          sparsityTarget,
          sparsityCost,
          offsetRate,
          temperatures,
          hottestBeta,
          binarisation,
          seed);
    }
  }
}
