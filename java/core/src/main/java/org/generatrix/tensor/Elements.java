// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.generatrix.binding.Device;
import org.generatrix.binding.DeviceBuffer;
import org.generatrix.binding.Shapes;
import org.generatrix.binding.States;
import org.generatrix.binding.View;

/**
 * What a {@link Tensor} is made of: type, shape and memory, how its elements go to Java and back,
 * and who frees them.
 */
abstract class Elements implements AutoCloseable {
  final DType dtype;
  final long[] shape;
  final long size;
  final DeviceBuffer buffer;
  final View view; // null for bits
  private final boolean owner;

  Elements(DType dtype, long[] shape, DeviceBuffer buffer, long offset, boolean owner) {
    this.dtype = dtype;
    this.shape = shape;
    this.size = Shapes.size(shape);
    this.buffer = buffer;
    this.view = dtype == DType.BITS ? null : new View(buffer, offset, size, dtype.format());
    this.owner = owner;
  }

  static long bytes(DType dtype, long[] shape) {
    return dtype == DType.BITS
        ? dtype.format().bytes(shape[0], shape[1])
        : dtype.format().bytes(1, Shapes.size(shape));
  }

  // --- What it is ---

  public DType dtype() {
    return dtype;
  }

  public long[] shape() {
    return shape.clone();
  }

  public int rank() {
    return shape.length;
  }

  /** The size along an axis; -1 is the last one. */
  public long size(int axis) {
    return shape[Shape.axis(axis, shape.length)];
  }

  /** Number of elements. */
  public long size() {
    return size;
  }

  /** The first size of the shape; 1 for a vector, which is one row, and for a single number. */
  public long rows() {
    return shape.length <= 1 ? 1 : shape[0];
  }

  /** Elements of a row. */
  public long units() {
    return shape.length <= 1 ? size : Shape.size(shape, 1, shape.length);
  }

  public Device device() {
    return buffer.device();
  }

  /** Whether it borrows the memory of another tensor. */
  public boolean isView() {
    return !owner;
  }

  /**
   * The memory, for kernels that take it from its start; this tensor still owns it. Of a view, only
   * if it begins there.
   */
  public DeviceBuffer buffer() {
    if (view != null && view.offset() != 0) {
      throw new IllegalStateException(
          "expected a tensor at the start of its memory, got a view of element %d on; copy() it"
              .formatted(view.offset()));
    }
    return buffer;
  }

  /** The numbers, for kernels; this tensor still owns the memory. */
  public View view() {
    if (view == null) {
      throw new IllegalArgumentException("expected FLOAT32 or FLOAT64, got " + describe());
    }
    return view;
  }

  /** A view [rows, units] for kernels; this tensor still owns the memory. */
  public States states() {
    return new States(buffer, offsetBytes(), rows(), units(), dtype.format());
  }

  /**
   * Grows whenever the memory is written to, through any of the tensors that share it: by the
   * methods here, by an optimiser, by the reading of a file. What was made of the elements is out
   * of date when this has moved on. Whoever writes through {@link #view}, {@link #states} or {@link
   * #buffer} to a tensor of which something may be kept, as layers keep packed weights, says so by
   * {@link #touch}.
   */
  public long version() {
    return buffer.version();
  }

  /** The elements were changed by a kernel: what was made of them is out of date. */
  public void touch() {
    buffer.touch();
  }

  long offsetBytes() {
    return view == null ? 0 : view.offset() * view.format().elementBytes();
  }

  // --- The elements in Java ---

  /** The elements in row-major order, rounded to float; bits as 0 and 1. */
  public float[] toArray() {
    float[] values = new float[HostCopy.length(this)];
    HostCopy.read(this, buffer, offsetBytes(), values);
    return values;
  }

  /** The elements in row-major order; bits as 0 and 1. */
  public double[] toDoubleArray() {
    double[] values = new double[HostCopy.length(this)];
    HostCopy.read(this, buffer, offsetBytes(), values);
    return values;
  }

  /** Puts float32 elements into a buffer with room for them, from its position, which stays. */
  public void copyTo(FloatBuffer to) {
    HostCopy.read(this, buffer, offsetBytes(), to);
  }

  /** Puts the elements' bytes, in the machine's order, into a buffer as {@link #copyTo} does. */
  public void copyTo(ByteBuffer to) {
    HostCopy.read(this, buffer, offsetBytes(), bytes(dtype, shape), to);
  }

  /** Replaces all elements, rounded to the tensor's type; for bits each value is 0 or 1. */
  public void copyFrom(float[] values) {
    HostCopy.write(this, buffer, offsetBytes(), values);
  }

  /** Replaces all elements, rounded to the tensor's type; for bits each value is 0 or 1. */
  public void copyFrom(double[] values) {
    HostCopy.write(this, buffer, offsetBytes(), values);
  }

  /** Replaces all float32 elements by what remains in the buffer, whose position stays. */
  public void copyFrom(FloatBuffer values) {
    HostCopy.write(this, buffer, offsetBytes(), values);
  }

  /** Replaces all elements by what remains in the buffer: their bytes in the machine's order. */
  public void copyFrom(ByteBuffer bytes) {
    HostCopy.write(this, buffer, offsetBytes(), bytes(dtype, shape), bytes);
  }

  /** Replaces all elements by those of a tensor of the same type, shape and device. */
  public void copyFrom(Tensor from) {
    if (from.dtype != dtype || !Arrays.equals(from.shape, shape)) {
      throw new IllegalArgumentException(
          "expected " + dtype + " " + Arrays.toString(shape) + ", got " + from.describe());
    }
    if (from != this && (from.buffer != buffer || from.offsetBytes() != offsetBytes())) {
      buffer.copyFrom(offsetBytes(), from.buffer, from.offsetBytes(), bytes(dtype, shape));
    }
  }

  /** One element; slow, for a look. Negative indices count from the end. */
  public double get(long... index) {
    return at(Shape.flat(shape, index));
  }

  /** One element by its place in row-major order. */
  double at(long flat) {
    return HostCopy.get(this, buffer, offsetBytes(), flat);
  }

  /** Writes one element; slow. */
  public void set(double value, long... index) {
    HostCopy.set(this, buffer, offsetBytes(), Shape.flat(shape, index), value);
  }

  /** The only element. */
  public double item() {
    if (size != 1) {
      throw new IllegalStateException("expected one element, got " + describe());
    }
    return at(0);
  }

  // --- Its end ---

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

  /** Type, shape and device, for messages: "Tensor[FLOAT32 [2, 3], cpu]". */
  public String describe() {
    String closed = isClosed() ? ", closed]" : "]";
    return "Tensor[" + dtype + " " + Arrays.toString(shape) + ", " + device().name() + closed;
  }

  /** The elements as NumPy prints them, to four places; of a closed tensor, {@link #describe}. */
  @Override
  public String toString() {
    return isClosed() ? describe() : TensorPrinter.print(this);
  }
}
