// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval;

/** log of the mean of exp of numbers that come one by one, without overflow. */
public final class LogMeanExp {
  private double largest = Double.NEGATIVE_INFINITY;
  private double sum; // of exp(x - largest)
  private long count;

  public void add(double x) {
    count++;
    if (x == Double.NEGATIVE_INFINITY) {
      return;
    }
    if (x <= largest) {
      sum += Math.exp(x - largest);
    } else { // also NaN, which stays
      sum = sum * Math.exp(largest - x) + 1;
      largest = x;
    }
  }

  /** NaN before the first number. */
  public double value() {
    if (count > 0 && largest == Double.NEGATIVE_INFINITY) {
      return largest;
    }
    return largest + Math.log(sum / count);
  }
}
