// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.rbm;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.generatrix.cli.SquaredError;
import org.generatrix.cli.run.ProgressReport.Shown;
import org.generatrix.eval.FreeEnergyGap;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Trainer;

/**
 * What is measured after each epoch, on subsets small enough that training dominates: free energies
 * and reconstructions of up to {@value #FREE_ENERGY_ROWS} pictures, and pseudo-likelihoods, which
 * cost as much as hundreds of updates a picture, of one in {@value #PICTURES_PER_PSEUDO_LIKELIHOOD}
 * of the training pictures; always the same ones.
 */
public final class RbmMetrics implements AutoCloseable {
  public static final String LEARNING_RATE = "learning_rate";
  public static final String RECONSTRUCTION = "reconstruction_error";
  public static final String LOG_PL_TRAIN = "log_pl_train";
  public static final String LOG_PL_TEST = "log_pl_test";
  public static final String FREE_ENERGY_GAP = "free_energy_gap";

  /** All columns, in the order of the CSV file. */
  public static final List<String> NAMES =
      List.of(LEARNING_RATE, RECONSTRUCTION, LOG_PL_TRAIN, LOG_PL_TEST, FREE_ENERGY_GAP);

  /** The ones worth watching while training, the foremost first. */
  public static final List<Shown> SHOWN =
      List.of(
          new Shown(LOG_PL_TEST, "pl", "%.1f"),
          new Shown(FREE_ENERGY_GAP, "gap", "%.1f"),
          new Shown(RECONSTRUCTION, "rec", "%.4f"));

  static final int FREE_ENERGY_ROWS = 500;
  private static final int PICTURES_PER_PSEUDO_LIKELIHOOD = 200;
  private static final int LEAST_PSEUDO_LIKELIHOODS = 20;
  private static final int MOST_PSEUDO_LIKELIHOODS = 100;

  private final Scope scope = new Scope();
  private final Rbm rbm;
  private final Tensor train;
  private final Tensor test;
  private final Tensor trainFew;
  private final Tensor testFew;

  /**
   * Takes its subsets from binary states.
   *
   * @param train bits [n, visible], the first of the training pictures
   * @param test bits [m, visible]
   * @param pictures size of the whole training set
   */
  public RbmMetrics(Rbm rbm, Tensor train, Tensor test, int pictures) {
    this.rbm = rbm;
    int share = pictures / PICTURES_PER_PSEUDO_LIKELIHOOD;
    int few = Math.max(LEAST_PSEUDO_LIKELIHOODS, Math.min(MOST_PSEUDO_LIKELIHOODS, share));
    this.train = scope.own(first(train, FREE_ENERGY_ROWS));
    this.test = scope.own(first(test, FREE_ENERGY_ROWS));
    this.trainFew = scope.own(first(train, few));
    this.testFew = scope.own(first(test, few));
  }

  /** Has them measured after each epoch. */
  public void addTo(Trainer trainer) {
    trainer.metric(RECONSTRUCTION, 1, this::reconstructionError);
    trainer.metric(LOG_PL_TRAIN, 1, () -> mean(rbm.logPseudoLikelihood(trainFew)));
    trainer.metric(LOG_PL_TEST, 1, () -> mean(rbm.logPseudoLikelihood(testFew)));
    trainer.metric(FREE_ENERGY_GAP, 1, () -> FreeEnergyGap.of(rbm, train, test).gap());
  }

  /**
   * Mean squared difference between a training picture's units and what comes back from the hidden
   * layer.
   */
  private double reconstructionError() {
    try (Tensor back = rbm.reconstruct(train);
        Tensor floats = train.toFloats()) {
      return SquaredError.mean(floats, back);
    }
  }

  private static Tensor first(Tensor states, int rows) {
    return states.rowsAt(LongStream.range(0, Math.min(rows, states.rows())).toArray());
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(Double.NaN);
  }

  @Override
  public void close() {
    scope.close();
  }
}
