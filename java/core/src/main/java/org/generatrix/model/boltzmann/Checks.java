// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import java.util.Arrays;
import java.util.Objects;
import org.generatrix.tensor.Tensor;

/** Checks of arguments, in the caller's words. */
final class Checks {
  private Checks() {}

  /** A batch of that many units, itself. */
  static Tensor states(String name, Tensor states, int units) {
    Objects.requireNonNull(states, name);
    if (states.shape().length != 2 || states.units() != units) {
      throw new IllegalArgumentException(
          "%s must be [n, %d], got %s".formatted(name, units, Arrays.toString(states.shape())));
    }
    return states;
  }

  /** Which units of v, [n, units], are given: one row for all or a row for each. */
  static void observed(Tensor observed, Tensor v) {
    Objects.requireNonNull(observed, "observed");
    boolean fits = observed.shape().length == 2 && observed.units() == v.units();
    if (!fits || observed.rows() != 1 && observed.rows() != v.rows()) {
      throw new IllegalArgumentException(
          "observed must be [1, %d] or [%d, %d], got %s"
              .formatted(v.units(), v.rows(), v.units(), Arrays.toString(observed.shape())));
    }
  }

  static int positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, got " + value);
    }
    return value;
  }
}
