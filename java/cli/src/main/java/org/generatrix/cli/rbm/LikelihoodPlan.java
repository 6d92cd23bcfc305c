// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.rbm;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.generatrix.cli.Text;
import org.generatrix.data.Binarisation;
import org.generatrix.eval.AisConfig;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.tensor.Tensor;

/**
 * How a likelihood is estimated where it cannot be computed.
 *
 * @param temperatures of the annealing, at least 3
 * @param chains annealed side by side, at least 2
 * @param seed of their draws
 */
public record LikelihoodPlan(int temperatures, int chains, long seed) {
  private static final int BURN_IN = 1000;

  /**
   * Measures the mean log-likelihood of a set and hands out each figure as soon as it is known: one
   * exact figure, or a forward and a reverse estimate.
   *
   * @param v bits [n, visible]
   * @param dataMean the training data's mean, [visible]
   */
  public List<Likelihood> measure(
      Rbm rbm, Tensor v, Binarisation binarisation, float[] dataMean, Consumer<Likelihood> each) {
    List<Likelihood> likelihoods = new ArrayList<>();
    Consumer<Likelihood> found = ((Consumer<Likelihood>) likelihoods::add).andThen(each);
    if (Likelihood.isExact(rbm)) {
      found.accept(Likelihood.exact(rbm, v, binarisation));
      return likelihoods;
    }
    AisConfig ais = schedule();
    found.accept(Likelihood.forward(rbm, v, binarisation, ais, dataMean));
    if (v.rows() >= 2) { // each chain of the way back starts at a picture of its own
      AisConfig back = ais.withChains((int) Math.min(chains, v.rows()));
      found.accept(Likelihood.reverse(rbm, v, binarisation, back, dataMean));
    }
    return likelihoods;
  }

  /** How {@link #measure} gets at log Z, in a few words. */
  public String describe(Rbm rbm) {
    return Likelihood.isExact(rbm)
        ? "log Z by enumeration"
        : "log Z by AIS, " + Text.count(temperatures) + " temperatures, " + chains + " chains";
  }

  /**
   * The standard schedule's three stretches of inverse temperatures, stretched or thinned to the
   * number of temperatures.
   */
  AisConfig schedule() {
    double[] standard = AisConfig.standard14500().betas();
    double[] betas = new double[temperatures];
    for (int k = 0; k < temperatures; k++) {
      double at = (standard.length - 1) * (k / (temperatures - 1.0));
      int below = Math.min((int) at, standard.length - 2);
      betas[k] = standard[below] + (at - below) * (standard[below + 1] - standard[below]);
    }
    betas[temperatures - 1] = 1;
    return new AisConfig(chains, betas, BURN_IN, seed);
  }
}
