// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.util.Arrays;
import org.generatrix.binding.abi.gx_shape;

/** Shapes of contiguous, row-major arrays: the sizes of up to 8 axes, the outermost first. */
public final class Shapes {
  /** Most axes that a kernel takes. */
  public static final int MAX_RANK = 8;

  private Shapes() {}

  /** The number of elements. */
  public static long size(long... shape) {
    long size = 1;
    try {
      for (long extent : shape) {
        size = Math.multiplyExact(size, extent);
      }
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "expected fewer than 2^63 elements, got shape " + Arrays.toString(shape));
    }
    return size;
  }

  /**
   * The shape two arrays make together by NumPy's rule: shapes are aligned at their last axes, a
   * missing axis counts as 1, and an axis of size 1 is repeated.
   */
  public static long[] broadcast(long[] a, long[] b) {
    if (Arrays.equals(a, b)) {
      return a;
    }
    long[] longer = a.length >= b.length ? a : b;
    long[] shorter = longer == a ? b : a;
    long[] result = longer.clone();
    int missing = longer.length - shorter.length;
    for (int i = missing; i < longer.length; i++) {
      long s = shorter[i - missing];
      if (result[i] == 1) {
        result[i] = s;
      } else if (s != 1 && s != result[i]) {
        throw new IllegalArgumentException(
            "expected shapes that are equal or 1 along each axis, got "
                + Arrays.toString(a)
                + " and "
                + Arrays.toString(b));
      }
    }
    return result;
  }

  /** The elements left when the axes of the bits are reduced to one each. */
  static long sizeWithout(int axes, long... shape) {
    long[] kept = shape.clone();
    for (int i = 0; i < kept.length; i++) {
      if ((axes >> i & 1) != 0) {
        kept[i] = 1;
      }
    }
    return size(kept);
  }

  /** gx_shape. */
  static final class Native extends Struct<gx_shape> {
    private static final int RANK = at(gx_shape.class, "rank");
    private static final int DIMS = at(gx_shape.class, "dims");

    Native() {
      super(gx_shape.class, gx_shape::new);
    }

    gx_shape fill(long... shape) {
      if (shape.length > MAX_RANK) {
        throw new IllegalArgumentException(
            "expected at most " + MAX_RANK + " axes, got shape " + Arrays.toString(shape));
      }
      fields.putInt(RANK, shape.length);
      for (int i = 0; i < shape.length; i++) {
        fields.putLong(DIMS + Long.BYTES * i, shape[i]);
      }
      return pointer;
    }
  }
}
