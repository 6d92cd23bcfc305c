// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.optim;

/** What the records of this package refuse. */
final class Checks {
  private Checks() {}

  static void notNegative(String name, double value) {
    if (!(value >= 0 && value <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(name + " must be finite and not negative, got " + value);
    }
  }

  static void positive(String name, double value) {
    if (!(value > 0 && value <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(name + " must be finite and above 0, got " + value);
    }
  }

  /** In [0, 1). */
  static void share(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(name + " must be at least 0 and below 1, got " + value);
    }
  }

  static void atLeast(long least, String name, long value) {
    if (value < least) {
      throw new IllegalArgumentException(name + " must be at least " + least + ", got " + value);
    }
  }

  static void adam(double beta1, double beta2, double epsilon, double weightDecay) {
    share("beta1", beta1);
    share("beta2", beta2);
    notNegative("epsilon", epsilon);
    notNegative("weightDecay", weightDecay);
  }

  static String[] adamSlots(boolean amsgrad) {
    return new String[] {"moment1", "moment2", amsgrad ? "greatest" : null};
  }
}
