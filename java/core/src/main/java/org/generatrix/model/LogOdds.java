// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model;

import java.util.Objects;

/** Biases of independent binary units that reproduce a data set's mean. */
public final class LogOdds {

  /**
   * Means are kept this far from 0 and 1, so that a pixel that never fired in training is unlikely
   * and not impossible, and biases stay within +-6.9.
   */
  public static final float MARGIN = 1e-3f;

  private LogOdds() {}

  /**
   * log(m / (1 - m)) of each mean, with m kept within [MARGIN, 1 - MARGIN].
   *
   * @param mean [units], each in [0, 1]
   */
  public static float[] of(float[] mean, int units) {
    Objects.requireNonNull(mean, "mean");
    if (mean.length != units) {
      throw new IllegalArgumentException(
          "the mean must have %d entries, got %d".formatted(units, mean.length));
    }
    float[] logOdds = new float[units];
    for (int i = 0; i < units; i++) {
      if (!(mean[i] >= 0 && mean[i] <= 1)) {
        throw new IllegalArgumentException(
            "a mean must be in [0, 1], got %s at unit %d".formatted(mean[i], i));
      }
      double m = Math.min(Math.max(mean[i], MARGIN), 1 - MARGIN);
      logOdds[i] = (float) Math.log(m / (1 - m));
    }
    return logOdds;
  }
}
