// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import java.util.Arrays;

/** Many round Gaussians of one width, each with its weight. */
final class GaussianSum extends PointDensity {
  private static final double NOTHING = 45; // e^-45 is below the rounding of 1
  private static final double REACH = 7; // standard deviations around the outermost places

  private final double noise;
  private final double[] x;
  private final double[] y;
  private final double[] weight;

  private GaussianSum(double noise, double[] x, double[] y, double[] weight) {
    this.noise = noise;
    this.x = x;
    this.y = y;
    this.weight = weight;
  }

  @Override
  public double logDensity(double atX, double atY) {
    double scale = 1 / (2 * noise * noise);
    double nearest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < x.length; i++) {
      nearest = Math.min(nearest, square(atX, atY, i) * scale);
    }
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      double behind = square(atX, atY, i) * scale - nearest;
      if (behind < NOTHING) {
        sum += weight[i] * Math.exp(-behind);
      }
    }
    return Math.log(sum) - nearest - Math.log(2 * Math.PI * noise * noise);
  }

  private double square(double atX, double atY, int i) {
    return (atX - x[i]) * (atX - x[i]) + (atY - y[i]) * (atY - y[i]);
  }

  @Override
  public Box box() {
    double reach = REACH * noise;
    return new Box(
        Arrays.stream(x).min().orElseThrow() - reach,
        Arrays.stream(x).max().orElseThrow() + reach,
        Arrays.stream(y).min().orElseThrow() - reach,
        Arrays.stream(y).max().orElseThrow() + reach);
  }

  @Override
  double noise() {
    return noise;
  }

  /** Gathers them. */
  static final class Builder {
    private final double noise;
    private double[] x = new double[256];
    private double[] y = new double[256];
    private double[] weight = new double[256];
    private int size;

    Builder(double noise) {
      this.noise = noise;
    }

    void add(double atX, double atY, double share) {
      if (size == x.length) {
        x = Arrays.copyOf(x, 2 * size);
        y = Arrays.copyOf(y, 2 * size);
        weight = Arrays.copyOf(weight, 2 * size);
      }
      x[size] = atX;
      y[size] = atY;
      weight[size++] = share;
    }

    GaussianSum build() {
      return new GaussianSum(
          noise, Arrays.copyOf(x, size), Arrays.copyOf(y, size), Arrays.copyOf(weight, size));
    }
  }
}
