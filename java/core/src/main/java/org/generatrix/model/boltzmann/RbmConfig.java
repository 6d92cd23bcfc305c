// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

/**
 * The shape of a binary restricted Boltzmann machine and how it starts.
 *
 * @param visible number of visible units, at least 1
 * @param hidden number of hidden units, at least 1
 * @param centered whether the machine carries the offsets mu and lambda (Melchior, Fischer, Wiskott
 *     2016)
 * @param initialStddev standard deviation of the initial weights, finite and not negative; 0.01 is
 *     usual
 */
public record RbmConfig(int visible, int hidden, boolean centered, double initialStddev) {

  public RbmConfig {
    if (visible < 1) {
      throw new IllegalArgumentException("visible must be at least 1, got " + visible);
    }
    if (hidden < 1) {
      throw new IllegalArgumentException("hidden must be at least 1, got " + hidden);
    }
    if (!(initialStddev >= 0 && initialStddev <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "initialStddev must be finite and not negative, got " + initialStddev);
    }
  }

  /** A centered machine whose weights start with standard deviation 0.01. */
  public static RbmConfig centered(int visible, int hidden) {
    return new RbmConfig(visible, hidden, true, 0.01);
  }
}
