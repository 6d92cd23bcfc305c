// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

import java.util.Arrays;
import java.util.Objects;
import org.generatrix.binding.Shapes;

/**
 * The arithmetic of shapes that rearranging needs: sizes outermost first, row-major; none of it
 * touches elements. What kernels need stands in {@link Shapes}.
 */
public final class Shape {
  private Shape() {}

  /**
   * The shape of a tensor itself, not a copy as {@link Tensor#shape} gives: for operations, which
   * only read it. To write to it is to break the tensor.
   */
  public static long[] of(Tensor tensor) {
    return tensor.shape;
  }

  /** A copy, after a check that every size is at least 0 and their product below 2^63. */
  static long[] checked(long... shape) {
    Objects.requireNonNull(shape, "shape");
    for (long extent : shape) {
      if (extent < 0) {
        throw new IllegalArgumentException(
            "expected sizes >= 0, got shape " + Arrays.toString(shape));
      }
    }
    if (shape.length > Shapes.MAX_RANK) {
      throw new IllegalArgumentException(
          "expected at most %d axes, got shape %s"
              .formatted(Shapes.MAX_RANK, Arrays.toString(shape)));
    }
    Shapes.size(shape);
    return shape.clone();
  }

  /** The product of the sizes from one axis to before another. */
  public static long size(long[] shape, int from, int to) {
    long size = 1;
    for (int d = from; d < to; d++) {
      size *= shape[d];
    }
    return size;
  }

  /** How far apart neighbours along each axis lie, in elements. */
  public static long[] strides(long... shape) {
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int d = shape.length - 1; d >= 0; d--) {
      strides[d] = stride;
      stride *= shape[d];
    }
    return strides;
  }

  /** An axis as a number from 0 on; -1 is the last one. */
  public static int axis(int axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw new IllegalArgumentException("expected an axis of %d, got %d".formatted(rank, axis));
    }
    return axis < 0 ? axis + rank : axis;
  }

  /** The shape that is asked for as another shape of {@code size} elements: one size may be -1. */
  public static long[] reshaped(long size, long... asked) {
    long[] shape = asked.clone();
    int open = -1;
    long others = 1;
    for (int d = 0; d < shape.length; d++) {
      if (shape[d] == -1 && open < 0) {
        open = d;
      } else if (shape[d] < 0) {
        throw new IllegalArgumentException(
            "expected sizes >= 0 and at most one -1, got shape " + Arrays.toString(asked));
      } else {
        others = Math.multiplyExact(others, shape[d]);
      }
    }
    if (open >= 0 && others > 0 && size % others == 0) {
      shape[open] = size / others;
      others = size;
    }
    if (others != size || open >= 0 && shape[open] < 0) {
      throw new IllegalArgumentException(
          "expected a shape of " + size + " elements, got " + Arrays.toString(asked));
    }
    return checked(shape);
  }

  /** The axes as numbers from 0 on, each of them once. */
  public static int[] permutation(int[] axes, int rank) {
    int[] result = new int[axes.length];
    boolean[] seen = new boolean[rank];
    for (int d = 0; d < axes.length; d++) {
      result[d] = axis(axes[d], rank);
      if (seen[result[d]]) {
        throw repeated(axes, rank);
      }
      seen[result[d]] = true;
    }
    if (axes.length != rank) {
      throw repeated(axes, rank);
    }
    return result;
  }

  private static IllegalArgumentException repeated(int[] axes, int rank) {
    return new IllegalArgumentException(
        "expected each of %d axes once, got %s".formatted(rank, Arrays.toString(axes)));
  }

  /** The permutation of the axes that exchanges two of them. */
  public static int[] swapped(int a, int b, int rank) {
    int[] axes = new int[rank];
    Arrays.setAll(axes, d -> d);
    axes[axis(a, rank)] = axis(b, rank);
    axes[axis(b, rank)] = axis(a, rank);
    return axes;
  }

  /** sizes[axes[0]], sizes[axes[1]], .. */
  public static long[] permuted(long[] sizes, int... axes) {
    long[] result = new long[axes.length];
    Arrays.setAll(result, d -> sizes[axes[d]]);
    return result;
  }

  /** The same sizes but one. */
  public static long[] with(long[] shape, int axis, long extent) {
    long[] result = shape.clone();
    result[axis] = extent;
    return result;
  }

  /** Which element an index along every axis is; negative numbers count from the end. */
  static long flat(long[] shape, long... index) {
    long flat = 0;
    for (int d = 0; d < shape.length && index.length == shape.length; d++) {
      long i = index[d] < 0 ? index[d] + shape[d] : index[d];
      if (i < 0 || i >= shape[d]) {
        throw new IndexOutOfBoundsException(
            "expected an index in %s, got %s"
                .formatted(Arrays.toString(shape), Arrays.toString(index)));
      }
      flat = flat * shape[d] + i;
    }
    if (index.length != shape.length) {
      throw new IndexOutOfBoundsException(
          "expected %d indices, got %d".formatted(shape.length, index.length));
    }
    return flat;
  }

  /** With another axis, of size 1, in front of {@code axis}. */
  public static long[] inserted(long[] shape, int axis) {
    long[] result = new long[shape.length + 1];
    for (int d = 0; d < result.length; d++) {
      result[d] = d < axis ? shape[d] : d == axis ? 1 : shape[d - 1];
    }
    return result;
  }

  /** Refuses a shape that does not become another by repeating its elements. */
  public static void requireBroadcast(long[] shape, long... target) {
    boolean good = shape.length <= target.length;
    for (int d = 1; good && d <= shape.length; d++) {
      long extent = shape[shape.length - d];
      good = extent == 1 || extent == target[target.length - d];
    }
    if (!good) {
      throw new IllegalArgumentException(
          "expected a shape that broadcasts to %s, got %s"
              .formatted(Arrays.toString(target), Arrays.toString(shape)));
    }
  }

  /** The shape of a concatenation along an axis, in which alone the shapes may differ. */
  public static long[] concatenated(int axis, long[]... shapes) {
    long[] result = shapes[0].clone();
    for (int i = 1; i < shapes.length; i++) {
      long[] next = shapes[i];
      if (next.length != result.length
          || !Arrays.equals(with(next, axis, 0), with(shapes[0], axis, 0))) {
        throw new IllegalArgumentException(
            "expected shapes that are equal but along axis %d, got %s and %s"
                .formatted(axis, Arrays.toString(shapes[0]), Arrays.toString(next)));
      }
      result[axis] = Math.addExact(result[axis], next[axis]);
    }
    return result;
  }
}
