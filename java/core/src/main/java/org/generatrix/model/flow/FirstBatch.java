// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import org.generatrix.autograd.Var;

/**
 * What a layer that begins at the first batch learns from it: mean and deviation of each channel of
 * x [n, channels, ..], in double.
 */
record FirstBatch(double[] mean, double[] deviation) {
  /** A deviation below this, relative to the largest size, is none. */
  private static final double LEAST = 1e-6;

  static FirstBatch of(Var x, int channels) {
    long[] shape = x.shape();
    if (shape.length < 2 || shape[1] != channels || shape[0] < 1) {
      throw new IllegalArgumentException(
          "expected a first batch of %d channels, got %s"
              .formatted(channels, x.value().describe()));
    }
    double[] values = x.value().toDoubleArray();
    double count = (double) values.length / channels;
    FirstBatch batch = new FirstBatch(new double[channels], new double[channels]);
    for (int c = 0; c < channels; c++) {
      int pixels = values.length / channels / (int) shape[0];
      double most = 0;
      for (int first = c * pixels; first < values.length; first += channels * pixels) {
        for (int i = first; i < first + pixels; i++) {
          batch.mean[c] += values[i] / count;
          most = Math.max(most, Math.abs(values[i]));
        }
      }
      double variance = 0;
      for (int first = c * pixels; first < values.length; first += channels * pixels) {
        for (int i = first; i < first + pixels; i++) {
          variance += (values[i] - batch.mean[c]) * (values[i] - batch.mean[c]) / count;
        }
      }
      if (!Double.isFinite(variance)) {
        throw new IllegalArgumentException(
            "expected a finite first batch, got a variance of %s in channel %d"
                .formatted(variance, c));
      }
      batch.deviation[c] = Math.sqrt(variance) > LEAST * most ? Math.sqrt(variance) : 0;
    }
    return batch;
  }

  /** The log-scale that gives a channel a deviation; 0 where it has none. */
  double logScale(int channel, double wanted) {
    return deviation[channel] > 0 ? Math.log(wanted / deviation[channel]) : 0;
  }
}
