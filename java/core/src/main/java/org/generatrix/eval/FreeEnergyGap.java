// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval;

import java.util.Arrays;
import org.generatrix.model.EnergyModel;
import org.generatrix.tensor.Tensor;

/**
 * The overfitting monitor that needs no log Z: it is the same in both means and drops out of their
 * difference (Hinton, "A practical guide to training restricted Boltzmann machines", 2010, section
 * 6). While both sets look alike to the model the gap stays near 0; it grows as the model prefers
 * what it was trained on.
 *
 * @param training mean free energy of a part of the training data
 * @param validation mean free energy of as much data that was held out
 */
public record FreeEnergyGap(double training, double validation) {

  /** Measures both, over float or bits [n, visible]. */
  public static FreeEnergyGap of(EnergyModel model, Tensor training, Tensor validation) {
    return new FreeEnergyGap(mean(model, training), mean(model, validation));
  }

  /** How many nats a training row is likelier than a held-out one, on average. */
  public double gap() {
    return validation - training;
  }

  private static double mean(EnergyModel model, Tensor v) {
    if (v.rows() < 1) {
      throw new IllegalArgumentException("a mean needs at least 1 row, got " + v.describe());
    }
    return Arrays.stream(model.freeEnergy(v)).average().orElseThrow();
  }
}
