// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.util.List;
import org.generatrix.cli.rbm.LikelihoodPlan;
import org.generatrix.cli.rbm.RbmJob;
import org.generatrix.data.Binarisation;
import org.generatrix.model.boltzmann.RbmTrainingConfig;
import picocli.CommandLine.Option;

/**
 * The machine, its training and its measuring, as options. Ranges are checked by the
 * configuration's own record.
 */
final class RbmOptions {
  /** What a resumed run takes from its files. */
  static final List<String> DECIDED_BY_RUN =
      List.of(
          "--data",
          "--hidden",
          "--centered",
          "--initial-stddev",
          "--algorithm",
          "--steps",
          "--batch-size",
          "--chains",
          "--learning-rate",
          "--final-learning-rate",
          "--momentum",
          "--weight-decay",
          "--sparsity-target",
          "--sparsity-cost",
          "--offset-rate",
          "--temperatures",
          "--binarisation",
          "--seed");

  /** Names of the algorithms as users type them. */
  enum Algorithm {
    CD(RbmTrainingConfig.Algorithm.CD),
    PCD(RbmTrainingConfig.Algorithm.PCD),
    PT(RbmTrainingConfig.Algorithm.PARALLEL_TEMPERING);

    private final RbmTrainingConfig.Algorithm algorithm;

    Algorithm(RbmTrainingConfig.Algorithm algorithm) {
      this.algorithm = algorithm;
    }

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  @Option(
      names = "--hidden",
      paramLabel = "N",
      defaultValue = "500",
      description = "Hidden units (default: ${DEFAULT-VALUE}).")
  private int hidden;

  @Option(
      names = "--algorithm",
      paramLabel = "NAME",
      defaultValue = "pcd",
      description =
          "cd, pcd (persistent chains) or pt (persistent chains with parallel tempering) (default: ${DEFAULT-VALUE}).")
  private Algorithm algorithm;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "50",
      description = "Passes over the data (default: ${DEFAULT-VALUE}).")
  private int epochs;

  @Option(
      names = "--steps",
      paramLabel = "K",
      defaultValue = "1",
      description = "Gibbs steps per update, the k of CD-k and PCD-k (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "100",
      description = "Pictures per update (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--chains",
      paramLabel = "N",
      defaultValue = "100",
      description = "Persistent chains (default: ${DEFAULT-VALUE}).")
  private int chains;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      defaultValue = "0.1",
      description = "Rate of the first update (default: ${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--final-learning-rate",
      paramLabel = "X",
      description =
          "Rate of the last update, reached linearly (default: a hundredth of the first).")
  private Double finalLearningRate;

  @Option(
      names = "--momentum",
      paramLabel = "X",
      defaultValue = "0",
      description =
          "Share of the velocity that stays, from 0 to below 1 (default: ${DEFAULT-VALUE}).")
  private double momentum;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      defaultValue = "0",
      description = "L2 decay of the weights (default: ${DEFAULT-VALUE}).")
  private double weightDecay;

  @Option(
      names = "--sparsity-target",
      paramLabel = "X",
      defaultValue = "0.1",
      description = "Wanted mean activity of a hidden unit (default: ${DEFAULT-VALUE}).")
  private double sparsityTarget;

  @Option(
      names = "--sparsity-cost",
      paramLabel = "X",
      defaultValue = "0",
      description = "Strength of the pull towards it; 0 is off (default: ${DEFAULT-VALUE}).")
  private double sparsityCost;

  @Option(
      names = "--temperatures",
      paramLabel = "N",
      description = "Replicas of parallel tempering, hotter and hotter (default: 10 with pt).")
  private Integer temperatures;

  @Option(
      names = "--centered",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Center visible and hidden units on their means (default: on).")
  private boolean centered;

  @Option(
      names = "--offset-rate",
      paramLabel = "X",
      defaultValue = "0.01",
      description = "How fast the centers follow the means (default: ${DEFAULT-VALUE}).")
  private double offsetRate;

  @Option(
      names = "--initial-stddev",
      paramLabel = "X",
      defaultValue = "0.01",
      description = "Standard deviation of the initial weights (default: ${DEFAULT-VALUE}).")
  private double initialStddev;

  @Option(
      names = "--binarisation",
      paramLabel = "NAME",
      defaultValue = "intensities",
      description = {
        "How grey values become visible states in training: threshold, resampled or intensities (default: ${DEFAULT-VALUE}).",
        "Likelihoods are measured on thresholded pictures with threshold, else on pictures binarised by one draw."
      })
  private Binarisation binarisation;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of all draws (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--checkpoint-every",
      paramLabel = "N",
      defaultValue = "1",
      description = "Epochs between checkpoints (default: ${DEFAULT-VALUE}).")
  private int checkpointEvery;

  @Option(
      names = "--likelihood",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description =
          "Measure the test log-likelihood: exactly up to 25 units in the smaller layer, else by annealed importance sampling (default: on).")
  private boolean likelihood;

  @Option(
      names = "--ais-temperatures",
      paramLabel = "N",
      defaultValue = "14500",
      description = "Temperatures of the annealing (default: ${DEFAULT-VALUE}).")
  private int aisTemperatures;

  @Option(
      names = "--ais-chains",
      paramLabel = "N",
      defaultValue = "100",
      description = "Chains of the annealing (default: ${DEFAULT-VALUE}).")
  private int aisChains;

  /** Refuses what the configuration's records do not know. */
  void check(HelpOptions options) {
    options.atLeast("--hidden", hidden, 1);
    options.atLeast("--initial-stddev", initialStddev, 0);
    options.atLeast("--checkpoint-every", checkpointEvery, 1);
    options.atLeast("--ais-temperatures", aisTemperatures, 3);
    options.atLeast("--ais-chains", aisChains, 2);
    if (temperatures != null && algorithm != Algorithm.PT) {
      throw options.usage(
          "--temperatures belongs to --algorithm pt, got --algorithm " + algorithm + ".");
    }
  }

  RbmJob.Machine machine() {
    return new RbmJob.Machine(hidden, centered, initialStddev);
  }

  RbmTrainingConfig training(HelpOptions options) {
    RbmTrainingConfig.Builder builder =
        RbmTrainingConfig.builder()
            .algorithm(algorithm.algorithm)
            .steps(steps)
            .batchSize(batchSize)
            .chains(chains)
            .epochs(epochs)
            .learningRate(learningRate)
            .finalLearningRate(finalLearningRate == null ? learningRate / 100 : finalLearningRate)
            .momentum(momentum)
            .weightDecay(weightDecay)
            .sparsity(sparsityTarget, sparsityCost)
            .offsetRate(offsetRate)
            .binarisation(binarisation)
            .seed(seed);
    if (temperatures != null) {
      builder.replicas(temperatures);
    }
    try {
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw options.usage(asOption(e.getMessage()));
    }
  }

  /**
   * A configuration's complaint with its field as the option: "batchSize must be .." becomes
   * "--batch-size must be ..".
   */
  private static String asOption(String message) {
    int end = message.indexOf(' ');
    String field = message.substring(0, end).replace("replicas", "temperatures");
    return "--"
        + field.replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT)
        + message.substring(end)
        + ".";
  }

  int epochs() {
    return epochs;
  }

  int checkpointEvery() {
    return checkpointEvery;
  }

  /** How the likelihood is measured, or null. */
  LikelihoodPlan likelihood() {
    return likelihood ? new LikelihoodPlan(aisTemperatures, aisChains, seed) : null;
  }
}
