// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

import java.util.Arrays;
import java.util.Objects;
import org.generatrix.binding.Device;
import org.generatrix.binding.DeviceBuffer;
import org.generatrix.binding.StateOps;
import org.generatrix.binding.States;

/**
 * A contiguous, row-major array on one device: float32 of any shape, or packed bits [rows, units].
 *
 * <p>Whoever makes a tensor closes it, or gives it to a {@link Scope}. A use after close is an
 * IllegalStateException. A tensor that is dropped open is freed by the garbage collector, late;
 * {@link Leaks} says where it was made.
 *
 * <p>The elements may be written and read from several threads, as those of a Java array: without
 * any order among them.
 */
public final class Tensor implements AutoCloseable {
  private final DType dtype;
  private final long[] shape;
  private final long size;
  private final DeviceBuffer buffer;

  private Tensor(Device device, DType dtype, long[] shape) {
    this.dtype = dtype;
    this.shape = shape;
    this.size = size(shape);
    this.buffer = device.allocate(dtype.format().bytes(rows(), units()));
  }

  /** Float32 zeros; sizes are at least 0. */
  public static Tensor zeros(Device device, long... shape) {
    return new Tensor(device, DType.FLOAT32, checked(shape));
  }

  /** Float32 {@code values}, as many as the shape has elements. */
  public static Tensor of(Device device, float[] values, long... shape) {
    long size = size(checked(shape));
    if (size != values.length) {
      throw new IllegalArgumentException(
          "expected "
              + size
              + " values for shape "
              + Arrays.toString(shape)
              + ", got "
              + values.length);
    }
    Tensor tensor = zeros(device, shape);
    tensor.copyFrom(values);
    return tensor;
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

  /** The first size of the shape; 1 for a vector, which is one row. */
  public long rows() {
    return shape.length == 1 ? 1 : shape[0];
  }

  /** Elements of a row. */
  public long units() {
    if (shape.length == 1) {
      return shape[0];
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

  /** A view [rows, units] for kernels; this tensor still owns the memory. */
  public States states() {
    return new States(buffer, rows(), units(), dtype.format());
  }

  /** The elements in row-major order; bits as 0 and 1. */
  public float[] toArray() {
    if (size > Integer.MAX_VALUE) {
      throw new IllegalStateException(
          "expected at most 2^31 - 1 elements for an array, got " + size);
    }
    float[] values = new float[(int) size];
    if (dtype == DType.BITS) {
      int[] words = new int[(int) (buffer.bytes() / Integer.BYTES)];
      buffer.read(0, words, 0, words.length);
      Bits.unpack(words, (int) rows(), (int) units(), values);
    } else {
      buffer.read(0, values, 0, values.length);
    }
    return values;
  }

  /** Replaces all elements; for bits each value is 0 or 1. */
  public void copyFrom(float[] values) {
    if (values.length != size) {
      throw new IllegalArgumentException(
          "expected " + size + " values for " + this + ", got " + values.length);
    }
    if (dtype == DType.BITS) {
      int[] words = Bits.pack(values, (int) rows(), (int) units());
      buffer.write(0, words, 0, words.length);
    } else {
      buffer.write(0, values, 0, values.length);
    }
  }

  /** Replaces all elements by those of a tensor of the same type, shape and device. */
  public void copyFrom(Tensor from) {
    if (from.dtype != dtype || !Arrays.equals(from.shape, shape)) {
      throw new IllegalArgumentException(
          "expected " + dtype + " " + Arrays.toString(shape) + ", got " + from);
    }
    if (from != this) {
      buffer.copyFrom(0, from.buffer, 0, buffer.bytes());
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

  /** Frees the memory; closing again does nothing. */
  @Override
  public void close() {
    buffer.close();
  }

  @Override
  public String toString() {
    String closed = isClosed() ? ", closed]" : "]";
    return "Tensor[" + dtype + " " + Arrays.toString(shape) + ", " + device().name() + closed;
  }

  private static long[] checked(long... shape) {
    Objects.requireNonNull(shape, "shape");
    if (shape.length == 0) {
      throw new IllegalArgumentException("expected a shape of at least one size, got none");
    }
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
