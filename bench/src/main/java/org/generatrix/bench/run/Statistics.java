// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.run;

import java.util.Arrays;

/**
 * The middle and the spread of repeated measurements.
 *
 * @param median the middle value, or the mean of the two middle ones
 * @param mad the median absolute deviation from the median
 * @param count how many values there were
 */
public record Statistics(double median, double mad, int count) {
  /**
   * @throws IllegalArgumentException without values, or with one that is not a finite number
   */
  public static Statistics of(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("expected at least one measurement, got none");
    }
    for (double value : values) {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("expected finite measurements, got " + value);
      }
    }
    double median = median(values);
    double[] deviations = Arrays.stream(values).map(value -> Math.abs(value - median)).toArray();
    return new Statistics(median, median(deviations), values.length);
  }

  /** The deviation as a share of the median; 0 where the median is 0. */
  public double spread() {
    return median == 0 ? 0 : mad / Math.abs(median);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
