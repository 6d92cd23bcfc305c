// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import static org.generatrix.autograd.Functions.gather;

import java.util.Arrays;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Var;
import org.generatrix.data.Shuffle;

/**
 * Units, or the channels of pictures, in another order: y_k = x_order[k]. The log-determinant is
 * exactly 0.
 */
public final class Permutation extends Transform {
  private final long[] order;
  private final long[] back;

  /**
   * @param order each of 0 .. length - 1 once
   */
  public Permutation(long... order) {
    this.order = order.clone();
    back = new long[order.length];
    Arrays.fill(back, -1);
    for (int k = 0; k < order.length; k++) {
      long from = order[k];
      if (from < 0 || from >= order.length || back[(int) from] >= 0) {
        throw new IllegalArgumentException(
            "expected each of 0 .. %d once, got %s"
                .formatted(order.length - 1, Arrays.toString(order)));
      }
      back[(int) from] = k;
    }
  }

  /** The last unit first. */
  public static Permutation reversed(int units) {
    long[] order = new long[units];
    Arrays.setAll(order, k -> units - 1 - k);
    return new Permutation(order);
  }

  /** Units 0, 2, 4, .. before units 1, 3, 5, .. */
  public static Permutation evenBeforeOdd(int units) {
    int even = (units + 1) / 2;
    long[] order = new long[units];
    Arrays.setAll(order, k -> k < even ? 2L * k : 2L * (k - even) + 1);
    return new Permutation(order);
  }

  /** An order that depends on the seed and the number alone. */
  public static Permutation random(int units, long seed, long number) {
    return new Permutation(Shuffle.permutation(units, seed, number));
  }

  @Override
  public Mapped forward(Var x, Var logDet, Var context) {
    return new Mapped(gather(x, 1, order), gathered(x, logDet));
  }

  @Override
  public Mapped inverse(Var y, Var logDet, Var context) {
    return new Mapped(gather(y, 1, back), gathered(y, logDet));
  }
}
