// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.generatrix.binding.ArrayOps;
import org.generatrix.binding.Device;
import org.generatrix.binding.DeviceBuffer;
import org.generatrix.binding.RandomOps;
import org.generatrix.binding.Rng;
import org.generatrix.binding.Shapes;
import org.generatrix.binding.StateOps;

/**
 * A contiguous, row-major array on one device: float32 or float64 of any shape (up to eight axes,
 * none for a single number), or packed bits [rows, units].
 *
 * <p>Whoever makes a tensor closes it, or gives it to a {@link Scope}. A use after close is an
 * IllegalStateException. A tensor that is dropped open is freed by the garbage collector, late;
 * {@link Leaks} says where it was made.
 *
 * <p>{@link #reshape}, and {@link #slice} and its kind where the elements lie together, give a
 * view: it borrows the memory of the tensor it was made from, so that a write to one is seen in the
 * other. Closing a view frees nothing, and it is closed when that tensor is.
 *
 * <p>The elements may be written and read from several threads, as those of a Java array: without
 * any order among them.
 */
public final class Tensor extends Elements {
  private Tensor(DType dtype, long[] shape, DeviceBuffer buffer, long offset, boolean owner) {
    super(dtype, shape, buffer, offset, owner);
  }

  // Not initialised. The shape is not copied.
  private static Tensor made(Device device, DType dtype, long[] shape) {
    DeviceBuffer memory = device.allocateUninitialized(bytes(dtype, shape));
    return new Tensor(dtype, shape, memory, 0, true);
  }

  private static Tensor zeroed(Device device, DType dtype, long[] shape) {
    return new Tensor(dtype, shape, device.allocate(bytes(dtype, shape)), 0, true);
  }

  /** Fills a new tensor, which is closed if that fails. */
  private static Tensor fill(Tensor made, Consumer<Tensor> filling) {
    try {
      filling.accept(made);
      return made;
    } catch (RuntimeException | Error e) {
      made.close();
      throw e;
    }
  }

  private static DType numbers(DType dtype) {
    if (dtype == DType.BITS) {
      throw new IllegalArgumentException("expected FLOAT32 or FLOAT64, got BITS");
    }
    return dtype;
  }

  // --- Making tensors; sizes are at least 0, and a shape of no sizes is that of a single number
  // ---

  /** Float32 zeros. */
  public static Tensor zeros(Device device, long... shape) {
    return zeros(device, DType.FLOAT32, shape);
  }

  public static Tensor zeros(Device device, DType dtype, long... shape) {
    return zeroed(device, numbers(dtype), Shape.checked(shape));
  }

  /** For a kernel to write whole: the contents are not defined. */
  public static Tensor empty(Device device, DType dtype, long... shape) {
    return made(device, numbers(dtype), Shape.checked(shape));
  }

  /** Float32 ones. */
  public static Tensor ones(Device device, long... shape) {
    return full(device, DType.FLOAT32, 1, shape);
  }

  public static Tensor full(Device device, DType dtype, double value, long... shape) {
    return fill(empty(device, dtype, shape), to -> ArrayOps.fill(device, value, to.view));
  }

  /** Float32 {@code values}, as many as the shape has elements. */
  public static Tensor of(Device device, float[] values, long... shape) {
    requireCount(values.length, shape);
    return fill(empty(device, DType.FLOAT32, shape), to -> to.copyFrom(values));
  }

  /** Float64 {@code values}, as many as the shape has elements. */
  public static Tensor of(Device device, double[] values, long... shape) {
    requireCount(values.length, shape);
    return fill(empty(device, DType.FLOAT64, shape), to -> to.copyFrom(values));
  }

  /** What remains in the buffer, as many float32 as the shape has elements. */
  public static Tensor of(Device device, FloatBuffer values, long... shape) {
    requireCount(values.remaining(), shape);
    return fill(empty(device, DType.FLOAT32, shape), to -> to.copyFrom(values));
  }

  /** The elements of a buffer, which the tensor closes; it must hold as many as the shape has. */
  public static Tensor over(DeviceBuffer memory, DType dtype, long... shape) {
    long[] checked = Shape.checked(shape);
    if (memory.bytes() < bytes(dtype, checked)) {
      throw new IllegalArgumentException(
          "expected a buffer of at least %d bytes for shape %s, got %d"
              .formatted(bytes(dtype, checked), Arrays.toString(shape), memory.bytes()));
    }
    return new Tensor(dtype, checked, memory, 0, true);
  }

  private static void requireCount(int count, long[] shape) {
    long size = Shapes.size(Shape.checked(shape));
    if (size != count) {
      throw new IllegalArgumentException(
          "expected " + size + " values for shape " + Arrays.toString(shape) + ", got " + count);
    }
  }

  /** start, start + step, .. before {@code stop}: [n]. */
  public static Tensor arange(Device device, DType dtype, double start, double stop, double step) {
    double count = Math.ceil((stop - start) / step);
    if (step == 0 || !(count < Long.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "expected finite numbers and a step other than 0, got %s to %s by %s"
              .formatted(start, stop, step));
    }
    Tensor made = empty(device, dtype, Math.max(0, (long) count));
    return fill(made, to -> ArrayOps.arange(device, start, step, to.view));
  }

  /** The float32 identity [n, n]. */
  public static Tensor eye(Device device, int n) {
    Tensor made = empty(device, DType.FLOAT32, n, n);
    long[] diagonal = LongStream.range(0, n).toArray();
    return fill(made, to -> ArrayOps.oneHot(device, n, diagonal, to.view));
  }

  /** Float32 [index.length, classes]: row k is 1 at index[k], else 0. */
  public static Tensor oneHot(Device device, long[] index, long classes) {
    Tensor made = empty(device, DType.FLOAT32, index.length, classes);
    return fill(made, to -> ArrayOps.oneHot(device, classes, index, to.view));
  }

  /** Float32, uniform in [0, 1). */
  public static Tensor uniform(Device device, Rng rng, long... shape) {
    Tensor made = empty(device, DType.FLOAT32, shape);
    return fill(made, to -> RandomOps.uniform(device, rng, to.rows(), to.units(), to.buffer));
  }

  /** Float32, normal with mean 0 and standard deviation 1. */
  public static Tensor normal(Device device, Rng rng, long... shape) {
    Tensor made = empty(device, DType.FLOAT32, shape);
    return fill(made, to -> RandomOps.normal(device, rng, 0, 1, to.rows(), to.units(), to.buffer));
  }

  /** Zero bits. */
  public static Tensor bits(Device device, long rows, long units) {
    return zeroed(device, DType.BITS, Shape.checked(rows, units));
  }

  // --- The same elements otherwise ---

  /** The same elements under another shape of as many, of which one size may be -1; a view. */
  public Tensor reshape(long... newShape) {
    return part(0, Shape.reshaped(size, newShape));
  }

  // A view of elements from one on.
  private Tensor part(long first, long[] newShape) {
    if (isClosed()) {
      throw new IllegalStateException("expected an open tensor, got " + describe());
    }
    return new Tensor(dtype, newShape, buffer, view().offset() + first, false);
  }

  /** With two axes exchanged; -1 is the last one. */
  public Tensor transpose(int axis, int other) {
    return permute(Shape.swapped(axis, other, shape.length));
  }

  /** Axis d of the result is axis axes[d] of this. */
  public Tensor permute(int... axes) {
    int[] order = Shape.permutation(axes, shape.length);
    return filled(Shape.permuted(shape, order), to -> Rearrange.permute(this, order, to));
  }

  /** Indices [start, start + length) along an axis. */
  public Tensor narrow(int axis, long start, long length) {
    return slice(Region.narrow(shape, axis, start, length));
  }

  /** From start to before stop along the first axes; negative numbers count from the end. */
  public Tensor slice(long[] start, long[] stop) {
    return slice(start, stop, null);
  }

  /** As {@link #slice(long[], long[])}, every step-th index. */
  public Tensor slice(long[] start, long[] stop, long[] step) {
    return slice(Region.slice(shape, start, stop, step));
  }

  /** A view where its elements lie together, otherwise a new tensor. */
  public Tensor slice(Region region) {
    return region.isRun()
        ? part(Shapes.size(region.shape()) == 0 ? 0 : region.offset(), region.shape())
        : filled(region.shape(), to -> region.copy(this, to));
  }

  /** Parts of the given lengths along an axis, which together are all of it. */
  public Tensor[] split(int axis, long... lengths) {
    int d = Shape.axis(axis, shape.length);
    if (Arrays.stream(lengths).sum() != shape[d]) {
      throw new IllegalArgumentException(
          "expected lengths that add up to %d, got %s"
              .formatted(shape[d], Arrays.toString(lengths)));
    }
    Tensor[] parts = new Tensor[lengths.length];
    long at = 0;
    for (int i = 0; i < parts.length; i++) {
      parts[i] = narrow(d, at, lengths[i]);
      at += lengths[i];
    }
    return parts;
  }

  /** Tensors of one type, one after the other along an axis, in which alone their shapes differ. */
  public static Tensor concat(int axis, Tensor... parts) {
    int d = Shape.axis(axis, first(parts).rank());
    long[][] shapes = Arrays.stream(parts).map(Shape::of).toArray(long[][]::new);
    Tensor made = made(parts[0].device(), parts[0].dtype, Shape.concatenated(d, shapes));
    return fill(made, to -> Rearrange.concat(d, parts, to));
  }

  /** Tensors of one type and shape along a new axis. */
  public static Tensor stack(int axis, Tensor... parts) {
    int d = Shape.axis(axis, first(parts).rank() + 1);
    return concat(
        d,
        Arrays.stream(parts)
            .map(part -> part.reshape(Shape.inserted(part.shape, d)))
            .toArray(Tensor[]::new));
  }

  private static Tensor first(Tensor... parts) {
    if (parts.length == 0) {
      throw new IllegalArgumentException("expected at least one tensor, got none");
    }
    return parts[0];
  }

  /** Index k along an axis of the result is index index[k] of this; repeats are allowed. */
  public Tensor gather(int axis, long... index) {
    int d = Shape.axis(axis, shape.length);
    return filled(Shape.with(shape, d, index.length), to -> Rearrange.gather(this, d, index, to));
  }

  /** A new tensor whose row r is row {@code index[r]} of this one; repeats are allowed. */
  public Tensor rowsAt(long[] index) {
    long[] taken = shape.length <= 1 ? new long[] {1, size} : shape.clone();
    taken[0] = index.length;
    if (dtype == DType.FLOAT64) {
      return filled(taken, to -> Rearrange.gather(reshape(rows(), units()), 0, index, to));
    }
    return filled(taken, to -> StateOps.gather(device(), states(), index, to.states()));
  }

  /** Repeated to another shape by NumPy's rules. */
  public Tensor broadcastTo(long... target) {
    Shape.requireBroadcast(shape, target);
    return filled(Shape.checked(target), to -> Rearrange.broadcast(this, to));
  }

  private Tensor filled(long[] newShape, Consumer<Tensor> filling) {
    return fill(made(device(), dtype, newShape), filling);
  }

  /** A new tensor with the same elements. */
  public Tensor copy() {
    return filled(shape, to -> to.copyFrom(this));
  }

  /**
   * New bits [rows, units], 1 where an element is at least {@code threshold}; NaN is 0. Of bits, a
   * copy.
   */
  public Tensor toBits(float threshold) {
    if (dtype == DType.BITS) {
      return copy();
    }
    return fill(
        bits(device(), rows(), units()),
        to -> StateOps.convert(device(), states(), threshold, to.states()));
  }

  /** New float32 elements of the same shape; bits as 0 and 1. Of float32, a copy. */
  public Tensor toFloats() {
    return to(DType.FLOAT32);
  }

  /** New elements of a number type; bits as 0 and 1. */
  public Tensor to(DType type) {
    Tensor made = made(device(), numbers(type), shape);
    return fill(
        made,
        to -> {
          if (dtype != DType.BITS) {
            ArrayOps.convert(device(), view, to.view);
          } else if (type == DType.FLOAT32) {
            StateOps.convert(device(), states(), 0, to.states());
          } else {
            to.copyFrom(toArray());
          }
        });
  }
}
