// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval;

import java.util.Arrays;
import java.util.Objects;

/**
 * How annealed importance sampling is run.
 *
 * @param chains independent chains, at least 2 (one has no spread to tell an interval from)
 * @param betas the inverse temperatures from 0 to 1, never decreasing, at least 2; copied
 * @param burnIn Gibbs steps at beta = 1 that reverse AIS makes from its given start, not negative
 * @param seed of all draws
 */
public record AisConfig(int chains, double[] betas, int burnIn, long seed) {

  public AisConfig {
    if (chains < 2) {
      throw new IllegalArgumentException("chains must be at least 2, got " + chains);
    }
    if (burnIn < 0) {
      throw new IllegalArgumentException("burnIn must not be negative, got " + burnIn);
    }
    betas = Objects.requireNonNull(betas, "betas").clone();
    if (betas.length < 2 || betas[0] != 0 || betas[betas.length - 1] != 1) {
      throw new IllegalArgumentException(
          "betas must be at least 2 values from 0 to 1, got "
              + (betas.length < 2
                  ? Arrays.toString(betas)
                  : "%d from %s to %s".formatted(betas.length, betas[0], betas[betas.length - 1])));
    }
    for (int k = 1; k < betas.length; k++) {
      if (!(betas[k] >= betas[k - 1])) {
        throw new IllegalArgumentException(
            "betas must never decrease, got %s after %s at index %d"
                .formatted(betas[k], betas[k - 1], k));
      }
    }
  }

  @Override
  public double[] betas() {
    return betas.clone();
  }

  /**
   * The schedule that the published figures of binary machines on digits use: 100 chains over 500
   * temperatures in [0, 0.5), 4,000 in [0.5, 0.9) and 10,000 in [0.9, 1] (Salakhutdinov and Murray
   * 2008).
   */
  public static AisConfig standard14500() {
    double[] betas = new double[14_500];
    for (int k = 0; k < 500; k++) {
      betas[k] = 0.5 * k / 500;
    }
    for (int k = 0; k < 4_000; k++) {
      betas[500 + k] = 0.5 + 0.4 * k / 4_000;
    }
    for (int k = 0; k < 10_000; k++) {
      betas[4_500 + k] = 0.9 + 0.1 * k / 9_999;
    }
    betas[14_499] = 1;
    return new AisConfig(100, betas, 1_000, 1);
  }

  /** 100 chains over n evenly spaced temperatures, both ends among them. */
  public static AisConfig uniform(int n) {
    if (n < 2) {
      throw new IllegalArgumentException("n must be at least 2, got " + n);
    }
    double[] betas = new double[n];
    for (int k = 0; k < n; k++) {
      betas[k] = k / (n - 1.0);
    }
    return new AisConfig(100, betas, 1_000, 1);
  }

  public AisConfig withChains(int value) {
    return new AisConfig(value, betas, burnIn, seed);
  }

  public AisConfig withBurnIn(int value) {
    return new AisConfig(chains, betas, value, seed);
  }

  public AisConfig withSeed(long value) {
    return new AisConfig(chains, betas, burnIn, value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AisConfig that
        && chains == that.chains
        && burnIn == that.burnIn
        && seed == that.seed
        && Arrays.equals(betas, that.betas);
  }

  @Override
  public int hashCode() {
    return Objects.hash(chains, burnIn, seed, Arrays.hashCode(betas));
  }

  @Override
  public String toString() {
    return "AisConfig[%d chains, %d temperatures, burn-in %d, seed %d]"
        .formatted(chains, betas.length, burnIn, seed);
  }
}
