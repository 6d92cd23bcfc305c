// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

import java.util.Locale;

/** The checks rows make before they are timed. NaN fails all of them. */
public final class Verify {
  private Verify() {}

  /**
   * @param what the value, for the message
   * @throws AssertionError unless |actual - expected| <= tolerance
   */
  public static void close(String what, double actual, double expected, double tolerance) {
    if (!(Math.abs(actual - expected) <= tolerance)) {
      throw new AssertionError(
          String.format(
              Locale.ROOT,
              "%s: expected %.9g within %.3g, got %.9g",
              what,
              expected,
              tolerance,
              actual));
    }
  }

  /** The same for every element of a part of an array. */
  public static void close(
      String what, float[] actual, int from, double[] expected, double tolerance) {
    for (int i = 0; i < expected.length; i++) {
      close(what + "[" + (from + i) + "]", actual[from + i], expected[i], tolerance);
    }
  }

  /** The same for two arrays. */
  public static void close(String what, float[] actual, float[] expected, double tolerance) {
    if (actual.length != expected.length) {
      throw new AssertionError(
          what + ": expected " + expected.length + " values, got " + actual.length);
    }
    for (int i = 0; i < expected.length; i++) {
      close(what + "[" + i + "]", actual[i], expected[i], tolerance);
    }
  }

  /**
   * That zeros and ones were drawn with given probabilities: the number of ones may lie 6 standard
   * deviations from its mean.
   */
  public static void drawn(String what, float[] sample, float[] p) {
    double mean = 0;
    double variance = 0;
    double ones = 0;
    for (int i = 0; i < p.length; i++) {
      if (sample[i] != 0 && sample[i] != 1) {
        throw new AssertionError(what + "[" + i + "]: expected 0 or 1, got " + sample[i]);
      }
      ones += sample[i];
      mean += p[i];
      variance += (double) p[i] * (1 - p[i]);
    }
    close("ones in " + what, ones, mean, 6 * Math.sqrt(variance));
  }
}
