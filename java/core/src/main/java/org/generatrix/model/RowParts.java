// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model;

import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.generatrix.tensor.Tensor;

/** Large batches some rows at a time, so that what is between input and output stays small. */
public final class RowParts {
  private RowParts() {}

  /** What is done with rows from {@code first} on; the tensor is closed after. */
  @FunctionalInterface
  public interface Part {
    void of(int first, Tensor rows);
  }

  /** Every row of x once, in order, at most {@code rows} at a time. */
  public static void each(Tensor x, int rows, Part part) {
    int n = Math.toIntExact(x.rows());
    for (int first = 0; first < n; first += rows) {
      long[] index = LongStream.range(first, Math.min(n, (long) first + rows)).toArray();
      try (Tensor some = x.rowsAt(index)) {
        part.of(first, some);
      }
    }
  }

  /**
   * What a function gives for each row, float32 [n, units]; the caller closes it.
   *
   * @param f of some rows of x to as many rows [.., units], which it owns no more
   */
  public static Tensor map(Tensor x, int rows, long units, UnaryOperator<Tensor> f) {
    Tensor all = Tensor.zeros(x.device(), x.rows(), units);
    try {
      each(
          x,
          rows,
          (first, some) -> {
            try (Tensor part = f.apply(some)) {
              all.buffer()
                  .copyFrom(
                      first * units * Float.BYTES, part.buffer(), 0, part.size() * Float.BYTES);
            }
          });
      return all;
    } catch (RuntimeException | Error e) {
      all.close();
      throw e;
    }
  }
}
