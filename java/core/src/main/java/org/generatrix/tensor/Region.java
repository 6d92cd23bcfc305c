// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

import java.util.Arrays;
import org.generatrix.binding.ArrayOps;

/**
 * A part of an array: along each axis, every step-th index from a start on.
 *
 * @param of the shape of the array
 * @param start first index along each axis
 * @param step at least 1
 * @param shape how many indices along each axis
 */
public record Region(long[] of, long[] start, long[] step, long[] shape) {
  /**
   * Indices from start to before stop along the first axes; the other axes are whole. Negative
   * numbers count from the end.
   *
   * @param step null for 1 everywhere
   */
  public static Region slice(long[] of, long[] start, long[] stop, long[] step) {
    int given = start.length;
    if (stop.length != given || step != null && step.length != given || given > of.length) {
      throw new IllegalArgumentException(
          "expected a start, a stop and a step for some of %d axes, got %d, %d and %s"
              .formatted(of.length, given, stop.length, step == null ? "none" : step.length));
    }
    long[] first = new long[of.length];
    long[] steps = new long[of.length];
    long[] shape = of.clone();
    Arrays.fill(steps, 1);
    for (int d = 0; d < given; d++) {
      first[d] = start[d] < 0 ? start[d] + of[d] : start[d];
      long end = stop[d] < 0 ? stop[d] + of[d] : stop[d];
      steps[d] = step == null ? 1 : step[d];
      if (first[d] < 0 || end < first[d] || end > of[d] || steps[d] < 1) {
        throw new IllegalArgumentException(
            "expected 0 <= start <= stop <= %d and a step >= 1 along axis %d, got %d to %d by %d"
                .formatted(of[d], d, start[d], stop[d], steps[d]));
      }
      shape[d] = (end - first[d] + steps[d] - 1) / steps[d];
    }
    return new Region(of, first, steps, shape);
  }

  /** Indices [start, start + length) along one axis. */
  public static Region narrow(long[] of, int axis, long start, long length) {
    int d = Shape.axis(axis, of.length);
    if (start < 0 || length < 0 || start > of[d] - length) {
      throw new IllegalArgumentException(
          "expected a part of the %d indices of axis %d, got %d from %d"
              .formatted(of[d], d, length, start));
    }
    long[] first = new long[of.length];
    long[] steps = new long[of.length];
    Arrays.fill(steps, 1);
    first[d] = start;
    return new Region(of, first, steps, Shape.with(of, d, length));
  }

  /** Where its first element lies in the array. */
  public long offset() {
    long[] strides = Shape.strides(of);
    long offset = 0;
    for (int d = 0; d < of.length; d++) {
      offset += start[d] * strides[d];
    }
    return offset;
  }

  private long[] strides() {
    long[] strides = Shape.strides(of);
    for (int d = 0; d < strides.length; d++) {
      strides[d] *= step[d];
    }
    return strides;
  }

  /** Whether its elements lie together in the array: one index, a range, then whole axes. */
  public boolean isRun() {
    int d = 0;
    while (d < of.length && shape[d] == 1) {
      d++;
    }
    if (d < of.length && (step[d] > 1 && shape[d] > 1)) {
      return false;
    }
    for (d++; d < of.length; d++) {
      if (shape[d] != of[d]) {
        return false;
      }
    }
    return true;
  }

  /** to = the region of {@code from}. */
  public void copy(Tensor from, Tensor to) {
    if (to.size() > 0) {
      ArrayOps.copyStrided(
          to.device(), shape, offset(), strides(), from.view(), 0, Shape.strides(shape), to.view());
    }
  }

  /** The region of {@code to} = from; the rest stays. */
  public void place(Tensor from, Tensor to) {
    if (from.size() > 0) {
      ArrayOps.copyStrided(
          to.device(), shape, 0, Shape.strides(shape), from.view(), offset(), strides(), to.view());
    }
  }
}
