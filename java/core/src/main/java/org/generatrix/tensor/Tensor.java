// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

import java.util.Arrays;
import java.util.Objects;
import org.generatrix.binding.Device;
import org.generatrix.binding.DeviceBuffer;
import org.generatrix.binding.StateOps;
import org.generatrix.binding.States;
import org.generatrix.binding.View;

/**
 * A contiguous, row-major array on one device: float32 or float64 of any shape, or packed bits
 * [rows, units].
 *
 * <p>Whoever makes a tensor closes it, or gives it to a {@link Scope}. A use after close is an
 * IllegalStateException. A tensor that is dropped open is freed by the garbage collector, late;
 * {@link Leaks} says where it was made. A view ({@link #reshape}) borrows the memory of the tensor
 * it was made from: closing it frees nothing, and it is closed when that tensor is.
 *
 * <p>The elements may be written and read from several threads, as those of a Java array: without
 * any order among them.
 */
public final class Tensor implements AutoCloseable {
  private final DType dtype;
  private final long[] shape;
  private final long size;
  private final DeviceBuffer buffer;
  private final View view; // null for bits
  private final boolean owner;

  private Tensor(DType dtype, long[] shape, DeviceBuffer buffer, long offset, boolean owner) {
    this.dtype = dtype;
    this.shape = shape;
    this.size = size(shape);
    this.buffer = buffer;
    this.view = dtype == DType.BITS ? null : new View(buffer, offset, size, dtype.format());
    this.owner = owner;
  }

  private Tensor(Device device, DType dtype, long[] shape) {
    this(dtype, shape, device.allocate(bytes(dtype, shape)), 0, true);
  }

  private static long bytes(DType dtype, long[] shape) {
    return dtype == DType.BITS
        ? dtype.format().bytes(shape[0], shape[1])
        : dtype.format().bytes(1, size(shape));
  }

  /** Float32 zeros; sizes are at least 0. */
  public static Tensor zeros(Device device, long... shape) {
    return new Tensor(device, DType.FLOAT32, checked(shape));
  }

  /** Zeros of a number type. */
  public static Tensor zeros(Device device, DType dtype, long... shape) {
    return new Tensor(device, numbers(dtype), checked(shape));
  }

  /** Of a number type, for a kernel to write: the contents are not defined. */
  public static Tensor empty(Device device, DType dtype, long... shape) {
    return zeros(device, dtype, shape);
  }

  private static DType numbers(DType dtype) {
    if (dtype == DType.BITS) {
      throw new IllegalArgumentException("expected FLOAT32 or FLOAT64, got BITS");
    }
    return dtype;
  }

  /** Float32 {@code values}, as many as the shape has elements. */
  public static Tensor of(Device device, float[] values, long... shape) {
    requireCount(values.length, shape);
    return fill(zeros(device, shape), to -> to.copyFrom(values));
  }

  /** Float64 {@code values}, as many as the shape has elements. */
  public static Tensor of(Device device, double[] values, long... shape) {
    requireCount(values.length, shape);
    return fill(zeros(device, DType.FLOAT64, shape), to -> to.copyFrom(values));
  }

  private static void requireCount(int count, long[] shape) {
    long size = size(checked(shape));
    if (size != count) {
      throw new IllegalArgumentException(
          "expected " + size + " values for shape " + Arrays.toString(shape) + ", got " + count);
    }
  }

  /** Zero bits. */
  public static Tensor bits(Device device, long rows, long units) {
    return new Tensor(device, DType.BITS, checked(rows, units));
  }

  public DType dtype() {
    return dtype;
  }

  public long[] shape() {
    return shape.clone();
  }

  /** Number of elements. */
  public long size() {
    return size;
  }

  /** The first size of the shape; 1 for a vector, which is one row, and for a scalar. */
  public long rows() {
    return shape.length <= 1 ? 1 : shape[0];
  }

  /** Elements of a row. */
  public long units() {
    if (shape.length <= 1) {
      return size;
    }
    long units = 1;
    for (int i = 1; i < shape.length; i++) {
      units = Math.multiplyExact(units, shape[i]);
    }
    return units;
  }

  public Device device() {
    return buffer.device();
  }

  /** The memory, for kernels; this tensor still owns it. */
  public DeviceBuffer buffer() {
    return buffer;
  }

  /** The numbers, for kernels; this tensor still owns the memory. */
  public View view() {
    if (view == null) {
      throw new IllegalStateException("expected an array of numbers, got " + this);
    }
    return view;
  }

  /** The same elements under another shape of as many; a view. */
  public Tensor reshape(long... newShape) {
    if (size(checked(newShape)) != size) {
      throw new IllegalArgumentException(
          "expected a shape of " + size + " elements, got " + Arrays.toString(newShape));
    }
    return new Tensor(numbers(dtype), newShape.clone(), buffer, view.offset(), false);
  }

  /** A view [rows, units] for kernels; this tensor still owns the memory. */
  public States states() {
    return new States(buffer, rows(), units(), dtype.format());
  }

  /** The elements in row-major order, rounded to float; bits as 0 and 1. */
  public float[] toArray() {
    float[] values = new float[length()];
    if (dtype == DType.BITS) {
      int[] words = new int[(int) (buffer.bytes() / Integer.BYTES)];
      buffer.read(0, words, 0, words.length);
      Bits.unpack(words, (int) rows(), (int) units(), values);
    } else if (dtype == DType.FLOAT32) {
      buffer.read(offsetBytes(), values, 0, values.length);
    } else {
      double[] wide = toDoubleArray();
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) wide[i];
      }
    }
    return values;
  }

  /** The elements in row-major order; bits as 0 and 1. */
  public double[] toDoubleArray() {
    double[] values = new double[length()];
    if (dtype == DType.FLOAT64) {
      buffer.read(offsetBytes(), values, 0, values.length);
    } else {
      float[] narrow = toArray();
      for (int i = 0; i < values.length; i++) {
        values[i] = narrow[i];
      }
    }
    return values;
  }

  private int length() {
    if (size > Integer.MAX_VALUE) {
      throw new IllegalStateException(
          "expected at most 2^31 - 1 elements for an array, got " + size);
    }
    return (int) size;
  }

  private long offsetBytes() {
    return view.offset() * view.format().elementBytes();
  }

  /** Replaces all elements; for bits each value is 0 or 1. */
  public void copyFrom(float[] values) {
    requireLength(values.length);
    if (dtype == DType.BITS) {
      int[] words = Bits.pack(values, (int) rows(), (int) units());
      buffer.write(0, words, 0, words.length);
    } else if (dtype == DType.FLOAT32) {
      buffer.write(offsetBytes(), values, 0, values.length);
    } else {
      double[] wide = new double[values.length];
      for (int i = 0; i < wide.length; i++) {
        wide[i] = values[i];
      }
      buffer.write(offsetBytes(), wide, 0, wide.length);
    }
  }

  /** Replaces all elements, rounded to the tensor's type; for bits each value is 0 or 1. */
  public void copyFrom(double[] values) {
    requireLength(values.length);
    if (dtype == DType.FLOAT64) {
      buffer.write(offsetBytes(), values, 0, values.length);
      return;
    }
    float[] narrow = new float[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) values[i];
    }
    copyFrom(narrow);
  }

  private void requireLength(int length) {
    if (length != size) {
      throw new IllegalArgumentException(
          "expected " + size + " values for " + this + ", got " + length);
    }
  }

  /** Replaces all elements by those of a tensor of the same type, shape and device. */
  public void copyFrom(Tensor from) {
    if (from.dtype != dtype || !Arrays.equals(from.shape, shape)) {
      throw new IllegalArgumentException(
          "expected " + dtype + " " + Arrays.toString(shape) + ", got " + from);
    }
    if (from != this) {
      long bytes = bytes(dtype, shape);
      long to = view == null ? 0 : offsetBytes();
      buffer.copyFrom(to, from.buffer, from.view == null ? 0 : from.offsetBytes(), bytes);
    }
  }

  /** A new tensor with the same elements. */
  public Tensor copy() {
    return fill(new Tensor(device(), dtype, shape), to -> to.copyFrom(this));
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
    if (dtype == DType.FLOAT32) {
      return copy();
    }
    if (dtype == DType.FLOAT64) {
      return of(device(), toArray(), shape);
    }
    return fill(zeros(device(), shape), to -> StateOps.convert(device(), states(), 0, to.states()));
  }

  /** A new tensor whose row r is row {@code index[r]} of this one; repeats are allowed. */
  public Tensor rowsAt(long[] index) {
    long[] taken = shape.length == 1 ? new long[] {1, shape[0]} : shape.clone();
    taken[0] = index.length;
    return fill(
        new Tensor(device(), dtype, taken),
        to -> StateOps.gather(device(), states(), index, to.states()));
  }

  /** Fills a new tensor, which is closed if that fails. */
  private static Tensor fill(Tensor made, java.util.function.Consumer<Tensor> filling) {
    try {
      filling.accept(made);
      return made;
    } catch (RuntimeException | Error e) {
      made.close();
      throw e;
    }
  }

  public boolean isClosed() {
    return buffer.isClosed();
  }

  /** Frees the memory, unless this is a view; closing again does nothing. */
  @Override
  public void close() {
    if (owner) {
      buffer.close();
    }
  }

  @Override
  public String toString() {
    String closed = isClosed() ? ", closed]" : "]";
    return "Tensor[" + dtype + " " + Arrays.toString(shape) + ", " + device().name() + closed;
  }

  private static long[] checked(long... shape) {
    Objects.requireNonNull(shape, "shape");
    for (long extent : shape) {
      if (extent < 0) {
        throw new IllegalArgumentException(
            "expected sizes >= 0, got shape " + Arrays.toString(shape));
      }
    }
    size(shape);
    return shape.clone();
  }

  private static long size(long[] shape) {
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
}
