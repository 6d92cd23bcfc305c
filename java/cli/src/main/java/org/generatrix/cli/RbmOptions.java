// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.util.Map;
import org.generatrix.cli.rbm.LikelihoodPlan;
import org.generatrix.cli.rbm.RbmRecipe;
import org.generatrix.data.Binarisation;
import org.generatrix.model.boltzmann.RbmTrainingConfig;
import picocli.CommandLine.Option;

/**
 * The machine, its training and its measuring, as options. Ranges are checked by the
 * configuration's own record.
 */
final class RbmOptions {
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
      names = "--steps",
      paramLabel = "K",
      defaultValue = "1",
      description = "Gibbs steps per update, the k of CD-k and PCD-k (default: ${DEFAULT-VALUE}).")
  private int steps;

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
      names = "--likelihood",
      order = 810,
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description =
          "Measure the test log-likelihood: exactly up to 25 units in the smaller layer, else by annealed importance sampling (default: on).")
  private boolean likelihood;

  @Option(
      names = "--ais-temperatures",
      order = 810,
      paramLabel = "N",
      defaultValue = "14500",
      description = "Temperatures of the annealing (default: ${DEFAULT-VALUE}).")
  private int aisTemperatures;

  @Option(
      names = "--ais-chains",
      order = 810,
      paramLabel = "N",
      defaultValue = "100",
      description = "Chains of the annealing (default: ${DEFAULT-VALUE}).")
  private int aisChains;

  /** The machine and its training; refuses what is out of range. */
  RbmRecipe recipe(RunOptions run, HelpOptions options) {
    options.atLeast("--hidden", hidden, 1);
    options.atLeast("--initial-stddev", initialStddev, 0);
    options.atLeast("--ais-temperatures", aisTemperatures, 3);
    options.atLeast("--ais-chains", aisChains, 2);
    if (temperatures != null && algorithm != Algorithm.PT) {
      throw options.usage(
          "--temperatures belongs to --algorithm pt, got --algorithm " + algorithm + ".");
    }
    return new RbmRecipe(
        new RbmRecipe.Machine(hidden, centered, initialStddev),
        options.checked(() -> training(run), Map.of("replicas", "temperatures")),
        likelihood ? new LikelihoodPlan(aisTemperatures, aisChains, run.seed()) : null);
  }

  private RbmTrainingConfig training(RunOptions run) {
    RbmTrainingConfig.Builder builder =
        RbmTrainingConfig.builder()
            .algorithm(algorithm.algorithm)
            .steps(steps)
            .batchSize(run.batchSize())
            .chains(chains)
            .epochs(run.epochs())
            .learningRate(learningRate)
            .finalLearningRate(finalLearningRate == null ? learningRate / 100 : finalLearningRate)
            .momentum(momentum)
            .weightDecay(weightDecay)
            .sparsity(sparsityTarget, sparsityCost)
            .offsetRate(offsetRate)
            .binarisation(binarisation)
            .seed(run.seed());
    if (temperatures != null) {
      builder.replicas(temperatures);
    }
    return builder.build();
  }
}
