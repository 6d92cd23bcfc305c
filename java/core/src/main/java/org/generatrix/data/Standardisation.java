// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.generatrix.io.Json;

/** Columns to mean 0 and standard deviation 1: z = (x - mean) / deviation, and back. */
public final class Standardisation {
  private final double[] mean;
  private final double[] deviation;

  /**
   * By given numbers, which are copied.
   *
   * @param mean of each column, finite
   * @param deviation of each column, positive and finite
   */
  public Standardisation(double[] mean, double[] deviation) {
    this.mean = mean.clone();
    this.deviation = deviation.clone();
    if (mean.length != deviation.length) {
      throw new IllegalArgumentException(
          "expected as many deviations as means, got %d and %d"
              .formatted(deviation.length, mean.length));
    }
    for (int i = 0; i < mean.length; i++) {
      if (!Double.isFinite(mean[i])
          || !(deviation[i] > 0 && deviation[i] < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "expected a finite mean and a positive, finite deviation, got %s and %s for column %d"
                .formatted(mean[i], deviation[i], i + 1));
      }
    }
  }

  /**
   * By a table's own.
   *
   * @throws IllegalArgumentException when a column has one value only, whose density is no function
   */
  public static Standardisation of(Table table) {
    double[] mean = new double[table.width()];
    double[] deviation = new double[table.width()];
    for (int c = 0; c < mean.length; c++) {
      for (int r = 0; r < table.rows(); r++) {
        mean[c] += (table.value(r, c) - mean[c]) / (r + 1);
      }
      double squares = 0;
      boolean varies = false;
      for (int r = 0; r < table.rows(); r++) {
        double d = table.value(r, c) - mean[c];
        squares += d * d / table.rows();
        varies |= table.value(r, c) != table.value(0, c);
      }
      deviation[c] = Math.sqrt(squares);
      if (!varies) {
        throw new IllegalArgumentException(
            "expected columns that vary, got the same value in all %d rows of column %s"
                .formatted(table.rows(), table.columns().get(c)));
      }
    }
    return new Standardisation(mean, deviation);
  }

  public double[] mean() {
    return mean.clone();
  }

  public double[] deviation() {
    return deviation.clone();
  }

  /**
   * What added to the log-density of standardised rows gives that of the rows as they were: minus
   * the sum of the deviations' logarithms.
   */
  public double logDensityShift() {
    double shift = 0;
    for (double d : deviation) {
      shift -= Math.log(d);
    }
    return shift;
  }

  /** Rows [n, columns] as they were, for standardised ones such as a model's samples. */
  public double[] invert(double[] values, int width) {
    requireWidth(values, width);
    double[] out = new double[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = mean[i % width] + deviation[i % width] * values[i];
    }
    return out;
  }

  /** Rows [n, columns] standardised. */
  public double[] apply(double[] values, int width) {
    requireWidth(values, width);
    double[] out = new double[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (values[i] - mean[i % width]) / deviation[i % width];
    }
    return out;
  }

  private void requireWidth(double[] values, int width) {
    if (width != mean.length || values.length % width != 0) {
      throw new IllegalArgumentException(
          "expected rows of %d columns, got %d numbers in rows of %d"
              .formatted(mean.length, values.length, width));
    }
  }

  /** As a JSON object, to be kept with a model. */
  public String toJson() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("mean", Arrays.stream(mean).boxed().toList());
    object.put("deviation", Arrays.stream(deviation).boxed().toList());
    return Json.print(object);
  }

  /** Of such an object. */
  public static Standardisation ofJson(String json) {
    Map<String, Object> object = Json.parseObject(json);
    return new Standardisation(
        numbers(object.get("mean"), json), numbers(object.get("deviation"), json));
  }

  private static double[] numbers(Object list, String json) {
    if (list instanceof List<?> some && some.stream().allMatch(Number.class::isInstance)) {
      return some.stream().mapToDouble(n -> ((Number) n).doubleValue()).toArray();
    }
    throw new IllegalArgumentException(
        "expected lists of numbers called mean and deviation, got " + json);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Standardisation that
        && Arrays.equals(mean, that.mean)
        && Arrays.equals(deviation, that.deviation);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(mean) + Arrays.hashCode(deviation);
  }

  @Override
  public String toString() {
    return "Standardisation" + toJson();
  }
}
