// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import org.generatrix.binding.abi.Abi;
import org.generatrix.binding.abi.gx_copy_strided_params;

/** arrays.h: copies along strides, gathering, conversion, values. */
public final class ArrayOps {
  private ArrayOps() {}

  /**
   * to[toOffset + sum i toStrides] = from[fromOffset + sum i fromStrides] for every index of the
   * shape. Strides are in elements; those of {@code from} may be 0 or negative, those of {@code to}
   * name each element once.
   */
  public static void copyStrided(
      Device device,
      long[] shape,
      long fromOffset,
      long[] fromStrides,
      View from,
      long toOffset,
      long[] toStrides,
      View to) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_copy_strided(
              frame.device(),
              frame.format(from),
              CopyStruct.OF_THREAD.get().fill(shape, fromOffset, fromStrides, toOffset, toStrides),
              from.count(),
              frame.array("from", from, 0),
              to.count(),
              frame.array("to", to, 0)));
    } finally {
      frame.exit();
    }
  }

  /** y[o][k][i] = x[o][index[k]][i]; x [outer][size][inner], y [outer][index.length][inner]. */
  public static void gather(
      Device device, long outer, long size, long inner, View x, long[] index, View y) {
    long rows = rows(outer, inner);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_gather(
              frame.device(),
              frame.format(x),
              outer,
              size,
              inner,
              index.length,
              frame.array("x", x, count(rows, size)),
              index,
              frame.array("y", y, count(rows, index.length))));
    } finally {
      frame.exit();
    }
  }

  /** dx[o][r][i] = sum of dy[o][k][i] over the k with index[k] = r. */
  public static void gatherBackward(
      Device device, long outer, long size, long inner, View dy, long[] index, View dx) {
    long rows = rows(outer, inner);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_gather_backward(
              frame.device(),
              frame.format(dy),
              outer,
              size,
              inner,
              index.length,
              frame.array("dy", dy, count(rows, index.length)),
              index,
              frame.array("dx", dx, count(rows, size))));
    } finally {
      frame.exit();
    }
  }

  /** y[k][c] = 1 if index[k] = c, else 0; y [index.length][classes]. */
  public static void oneHot(Device device, long classes, long[] index, View y) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_one_hot(
              frame.device(),
              frame.format(y),
              index.length,
              classes,
              index,
              frame.array("y", y, rows(index.length, classes))));
    } finally {
      frame.exit();
    }
  }

  /** to[i] = from[i], between any two number formats. */
  public static void convert(Device device, View from, View to) {
    long n = to.count();
    CallFrame frame = CallFrame.enter(device);
    try {
      int fromFormat = frame.format(from);
      NativeAddress source = frame.array("from", from, n);
      int toFormat = frame.format(to);
      NativeAddress target = frame.array("to", to, n);
      frame.check(Abi.gx_convert(frame.device(), n, fromFormat, source, toFormat, target));
    } finally {
      frame.exit();
    }
  }

  /** y[i] = value. */
  public static void fill(Device device, double value, View y) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_fill(frame.device(), frame.format(y), value, y.count(), frame.array("y", y, 0)));
    } finally {
      frame.exit();
    }
  }

  /** y[i] = start + i step, computed in double. */
  public static void arange(Device device, double start, double step, View y) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_arange(
              frame.device(), frame.format(y), start, step, y.count(), frame.array("y", y, 0)));
    } finally {
      frame.exit();
    }
  }

  private static long rows(long outer, long inner) {
    return Sizes.bytes(1, outer, inner);
  }

  private static long count(long rows, long extent) {
    return Sizes.bytes(1, rows, extent);
  }

  private static final class CopyStruct extends Struct<gx_copy_strided_params> {
    static final ThreadLocal<CopyStruct> OF_THREAD = ThreadLocal.withInitial(CopyStruct::new);
    private static final int RANK = at(gx_copy_strided_params.class, "rank");
    private static final int SHAPE = at(gx_copy_strided_params.class, "shape");
    private static final int FROM_OFFSET = at(gx_copy_strided_params.class, "from_offset");
    private static final int FROM_STRIDES = at(gx_copy_strided_params.class, "from_strides");
    private static final int TO_OFFSET = at(gx_copy_strided_params.class, "to_offset");
    private static final int TO_STRIDES = at(gx_copy_strided_params.class, "to_strides");

    CopyStruct() {
      super(gx_copy_strided_params.class, gx_copy_strided_params::new);
    }

    gx_copy_strided_params fill(
        long[] shape, long fromOffset, long[] fromStrides, long toOffset, long[] toStrides) {
      if (shape.length > Shapes.MAX_RANK) {
        throw new IllegalArgumentException(
            "expected at most " + Shapes.MAX_RANK + " axes, got " + shape.length);
      }
      if (fromStrides.length != shape.length || toStrides.length != shape.length) {
        throw new IllegalArgumentException(
            "expected %d strides, one per axis, got %d and %d"
                .formatted(shape.length, fromStrides.length, toStrides.length));
      }
      fields.putLong(RANK, shape.length);
      fields.putLong(FROM_OFFSET, fromOffset);
      fields.putLong(TO_OFFSET, toOffset);
      for (int d = 0; d < shape.length; d++) {
        fields.putLong(SHAPE + 8 * d, shape[d]);
        fields.putLong(FROM_STRIDES + 8 * d, fromStrides[d]);
        fields.putLong(TO_STRIDES + 8 * d, toStrides[d]);
      }
      return pointer;
    }
  }
}
