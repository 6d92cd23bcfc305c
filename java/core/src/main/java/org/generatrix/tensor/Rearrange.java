// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

import org.generatrix.binding.ArrayOps;

/** Copies into a given tensor whose shape is right, for those who own the result. */
public final class Rearrange {
  private Rearrange() {}

  /** Axis d of {@code to} is axis axes[d] of {@code from}. */
  public static void permute(Tensor from, int[] axes, Tensor to) {
    long[] strides = Shape.permuted(Shape.strides(Shape.of(from)), axes);
    copy(from, strides, to);
  }

  /** Repeats {@code from} along the axes where its size is 1 or that it does not have. */
  public static void broadcast(Tensor from, Tensor to) {
    long[] shape = Shape.of(from);
    long[] own = Shape.strides(shape);
    int missing = Shape.of(to).length - shape.length;
    long[] strides = new long[missing + shape.length];
    for (int d = 0; d < shape.length; d++) {
      strides[missing + d] = shape[d] == 1 ? 0 : own[d];
    }
    copy(from, strides, to);
  }

  private static void copy(Tensor from, long[] strides, Tensor to) {
    if (to.size() > 0) {
      long[] shape = Shape.of(to);
      ArrayOps.copyStrided(
          to.device(), shape, 0, strides, from.view(), 0, Shape.strides(shape), to.view());
    }
  }

  /** One after the other along an axis. */
  public static void concat(int axis, Tensor[] from, Tensor to) {
    long[] whole = Shape.of(to);
    long at = 0;
    for (Tensor part : from) {
      long extent = Shape.of(part)[axis];
      Region.narrow(whole, axis, at, extent).place(part, to);
      at += extent;
    }
  }

  /** Index k along an axis of {@code to} is index index[k] of {@code from}. */
  public static void gather(Tensor from, int axis, long[] index, Tensor to) {
    long[] shape = Shape.of(from);
    ArrayOps.gather(
        to.device(),
        Shape.size(shape, 0, axis),
        shape[axis],
        Shape.size(shape, axis + 1, shape.length),
        from.view(),
        index,
        to.view());
  }

  /** The adjoint of {@link #gather}: to[index[k]] = the sum of from[k]; 0 where there is none. */
  public static void gatherBackward(Tensor from, int axis, long[] index, Tensor to) {
    long[] shape = Shape.of(to);
    ArrayOps.gatherBackward(
        to.device(),
        Shape.size(shape, 0, axis),
        shape[axis],
        Shape.size(shape, axis + 1, shape.length),
        from.view(),
        index,
        to.view());
  }
}
