// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.generatrix.binding.DeviceBuffer;

/** A tensor's elements to and from Java; {@code at} is where they begin in its buffer, in bytes. */
final class HostCopy {
  private HostCopy() {}

  /** Of an array of all elements. */
  static int length(Elements tensor) {
    if (tensor.size() > Integer.MAX_VALUE - 8) {
      throw new IllegalStateException(
          "expected at most 2^31 - 9 elements for an array, got %d; narrow() it"
              .formatted(tensor.size()));
    }
    return (int) tensor.size();
  }

  static void read(Elements from, DeviceBuffer buffer, long at, float[] to) {
    if (from.dtype() == DType.BITS) {
      int[] words = new int[(int) (buffer.bytes() / Integer.BYTES)];
      buffer.read(0, words, 0, words.length);
      Bits.unpack(words, (int) from.rows(), (int) from.units(), to);
    } else if (from.dtype() == DType.FLOAT32) {
      buffer.read(at, to, 0, to.length);
    } else {
      double[] wide = new double[to.length];
      buffer.read(at, wide, 0, wide.length);
      for (int i = 0; i < to.length; i++) {
        to[i] = (float) wide[i];
      }
    }
  }

  static void read(Elements from, DeviceBuffer buffer, long at, double[] to) {
    if (from.dtype() == DType.FLOAT64) {
      buffer.read(at, to, 0, to.length);
      return;
    }
    float[] narrow = new float[to.length];
    read(from, buffer, at, narrow);
    for (int i = 0; i < to.length; i++) {
      to[i] = narrow[i];
    }
  }

  static void write(Elements to, DeviceBuffer buffer, long at, float[] values) {
    requireCount(to, values.length);
    if (to.dtype() == DType.BITS) {
      int[] words = Bits.pack(values, (int) to.rows(), (int) to.units());
      buffer.write(0, words, 0, words.length);
    } else if (to.dtype() == DType.FLOAT32) {
      buffer.write(at, values, 0, values.length);
    } else {
      double[] wide = new double[values.length];
      for (int i = 0; i < wide.length; i++) {
        wide[i] = values[i];
      }
      buffer.write(at, wide, 0, wide.length);
    }
  }

  static void write(Elements to, DeviceBuffer buffer, long at, double[] values) {
    requireCount(to, values.length);
    if (to.dtype() == DType.FLOAT64) {
      buffer.write(at, values, 0, values.length);
      return;
    }
    float[] narrow = new float[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) values[i];
    }
    write(to, buffer, at, narrow);
  }

  static void read(Elements from, DeviceBuffer buffer, long at, FloatBuffer to) {
    requireFloats(from);
    if (to.remaining() < from.size()) {
      throw new IllegalArgumentException(
          "expected room for %d floats, got %d".formatted(from.size(), to.remaining()));
    }
    buffer.read(at, to.duplicate().limit(to.position() + (int) from.size()));
  }

  static void write(Elements to, DeviceBuffer buffer, long at, FloatBuffer values) {
    requireFloats(to);
    requireCount(to, values.remaining());
    buffer.write(at, values);
  }

  static void read(Elements from, DeviceBuffer buffer, long at, long bytes, ByteBuffer to) {
    if (to.remaining() < bytes) {
      throw new IllegalArgumentException(
          "expected room for %d bytes, got %d".formatted(bytes, to.remaining()));
    }
    buffer.read(at, to.duplicate().limit(to.position() + (int) bytes));
  }

  static void write(Elements to, DeviceBuffer buffer, long at, long bytes, ByteBuffer values) {
    if (values.remaining() != bytes) {
      throw new IllegalArgumentException(
          "expected %d bytes for %s, got %d".formatted(bytes, to.describe(), values.remaining()));
    }
    buffer.write(at, values);
  }

  /** One element. */
  static double get(Elements from, DeviceBuffer buffer, long at, long flat) {
    ByteBuffer one = element();
    switch (from.dtype()) {
      case FLOAT64:
        buffer.read(at + 8 * flat, one);
        return one.getDouble(0);
      case FLOAT32:
        buffer.read(at + 4 * flat, one.limit(4));
        return one.getFloat(0);
      default:
        buffer.read(wordOf(from, flat), one.limit(4));
        return one.getInt(0) >>> bitOf(from, flat) & 1;
    }
  }

  static void set(Elements to, DeviceBuffer buffer, long at, long flat, double value) {
    ByteBuffer one = element();
    switch (to.dtype()) {
      case FLOAT64:
        buffer.write(at + 8 * flat, one.putDouble(0, value));
        break;
      case FLOAT32:
        buffer.write(at + 4 * flat, one.putFloat(0, (float) value).limit(4));
        break;
      default:
        if (value != 0 && value != 1) {
          throw new IllegalArgumentException("expected a bit, 0 or 1, got " + value);
        }
        buffer.read(wordOf(to, flat), one.limit(4));
        int mask = 1 << bitOf(to, flat);
        one.putInt(0, value == 1 ? one.getInt(0) | mask : one.getInt(0) & ~mask);
        buffer.write(wordOf(to, flat), one);
    }
  }

  private static ByteBuffer element() {
    return ByteBuffer.allocate(Double.BYTES).order(ByteOrder.nativeOrder());
  }

  private static long wordOf(Elements bits, long flat) {
    long row = flat / bits.units();
    return 4 * (row * ((bits.units() + 31) / 32) + flat % bits.units() / 32);
  }

  private static int bitOf(Elements bits, long flat) {
    return (int) (flat % bits.units() % 32);
  }

  private static void requireCount(Elements tensor, int count) {
    if (count != tensor.size()) {
      throw new IllegalArgumentException(
          "expected " + tensor.size() + " values for " + tensor.describe() + ", got " + count);
    }
  }

  private static void requireFloats(Elements tensor) {
    if (tensor.dtype() != DType.FLOAT32) {
      throw new IllegalArgumentException("expected FLOAT32, got " + tensor.describe());
    }
  }
}
