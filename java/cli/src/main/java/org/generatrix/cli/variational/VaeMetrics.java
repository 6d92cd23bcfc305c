// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.variational;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.generatrix.cli.run.ProgressReport.Shown;
import org.generatrix.model.variational.Vae;
import org.generatrix.model.variational.VaeTrainingConfig;
import org.generatrix.model.variational.VaeTrainingConfig.Objective;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Trainer;

/**
 * What is measured after each epoch, on up to {@value #ROWS} training and test pictures, always the
 * same ones and with the same draws of the latent units: the evidence lower bound and its two
 * parts, and the importance weighted bound where that is the objective.
 */
final class VaeMetrics {
  static final String LEARNING_RATE = "learning_rate";
  static final String ELBO = "elbo";
  static final String RECONSTRUCTION = "reconstruction";
  static final String KL = "kl";
  static final String IWAE = "iwae";
  static final int ROWS = 500;

  private static final String TRAIN = "_train";
  private static final String TEST = "_test";

  private final Vae vae;
  private final VaeTrainingConfig training;
  private final Tensor train;
  private final Tensor test;

  /**
   * Measures these pictures.
   *
   * @param train some of those trained on, [n, visible], as the test pictures are binarised
   * @param test [m, visible]
   */
  VaeMetrics(Vae vae, VaeTrainingConfig training, Tensor train, Tensor test) {
    this.vae = vae;
    this.training = training;
    this.train = train;
    this.test = test;
  }

  static String train(String part) {
    return part + TRAIN;
  }

  static String test(String part) {
    return part + TEST;
  }

  static boolean weighted(VaeTrainingConfig training) {
    return training.objective() == Objective.IWAE;
  }

  /** What the run is after: the bound it is trained on. */
  static String objective(VaeTrainingConfig training) {
    return weighted(training) ? IWAE : ELBO;
  }

  /** All columns, in the order of the CSV file. */
  static List<String> names(VaeTrainingConfig training) {
    List<String> names = new ArrayList<>(List.of(LEARNING_RATE));
    for (String part : List.of(ELBO, RECONSTRUCTION, KL)) {
      names.addAll(List.of(train(part), test(part)));
    }
    if (weighted(training)) {
      names.addAll(List.of(train(IWAE), test(IWAE)));
    }
    return names;
  }

  /** The ones worth watching while training, the foremost first. */
  static List<Shown> shown(VaeTrainingConfig training) {
    List<Shown> shown = new ArrayList<>();
    if (weighted(training)) {
      shown.add(new Shown(test(IWAE), "iwae", "%.1f"));
    }
    shown.add(new Shown(test(ELBO), "elbo", "%.1f"));
    shown.add(new Shown(test(RECONSTRUCTION), "rec", "%.1f"));
    shown.add(new Shown(test(KL), "kl", "%.1f"));
    return shown;
  }

  /** Has them measured after each epoch. */
  void addTo(Trainer trainer) {
    add(trainer, TRAIN, train);
    add(trainer, TEST, test);
  }

  private void add(Trainer trainer, String set, Tensor x) {
    // One pass gives all three; the trainer asks for them in this order.
    Vae.Bound[] last = new Vae.Bound[1];
    trainer.metric(
        ELBO + set,
        1,
        () -> {
          last[0] = vae.bound(x, training.seed());
          return mean(last[0].elbo());
        });
    trainer.metric(RECONSTRUCTION + set, 1, () -> mean(last[0].reconstruction()));
    trainer.metric(KL + set, 1, () -> mean(last[0].kl()));
    if (weighted(training)) {
      int k = training.importanceSamples();
      trainer.metric(IWAE + set, 1, () -> mean(vae.elbo(x, k, training.seed())));
    }
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(Double.NaN);
  }
}
