// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;

/** Sets of axes as bits, bit i for axis i. */
final class Axes {
  private Axes() {}

  /** The bits of axes, negative ones counted from the end; of no axes, all. */
  static int bits(long[] shape, int... axes) {
    if (axes.length == 0) {
      return (1 << shape.length) - 1;
    }
    int bits = 0;
    for (int axis : axes) {
      int at = axis < 0 ? axis + shape.length : axis;
      if (at < 0 || at >= shape.length || (bits >> at & 1) != 0) {
        throw new IllegalArgumentException(
            "expected different axes of shape "
                + Arrays.toString(shape)
                + ", got "
                + Arrays.toString(axes));
      }
      bits |= 1 << at;
    }
    return bits;
  }

  /** The shape with the axes of size 1. */
  static long[] ones(long[] shape, int bits) {
    long[] kept = shape.clone();
    for (int i = 0; i < kept.length; i++) {
      if ((bits >> i & 1) != 0) {
        kept[i] = 1;
      }
    }
    return kept;
  }

  /** The shape without the axes. */
  static long[] without(long[] shape, int bits) {
    long[] kept = new long[shape.length - Integer.bitCount(bits)];
    for (int i = 0, j = 0; i < shape.length; i++) {
      if ((bits >> i & 1) == 0) {
        kept[j++] = shape[i];
      }
    }
    return kept;
  }

  /** The axes along which an array of shape {@code from}, aligned at the end, was repeated. */
  static int repeated(long[] from, long[] to) {
    int bits = 0;
    int missing = to.length - from.length;
    for (int i = 0; i < to.length; i++) {
      if (i < missing || (from[i - missing] == 1 && to[i] != 1)) {
        bits |= 1 << i;
      }
    }
    return bits;
  }
}
