// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import org.generatrix.tensor.Tensor;

/** How far pictures are from what came back of them. */
public final class SquaredError {
  private SquaredError() {}

  /** The mean over all pixels of all pictures; both tensors have as many elements. */
  public static double mean(Tensor pictures, Tensor back) {
    float[] x = pictures.toArray();
    float[] y = back.toArray();
    if (x.length != y.length) {
      throw new IllegalArgumentException(
          "As many pixels must come back as were there, got " + pictures + " and " + back + ".");
    }
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (x[i] - y[i]) * (double) (x[i] - y[i]);
    }
    return sum / x.length;
  }
}
