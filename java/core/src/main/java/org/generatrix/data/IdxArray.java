// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/** The content of an IDX file: an n-dimensional array, row-major, big-endian as in the file. */
public final class IdxArray {
  private final IdxType type;
  private final int[] shape;
  private final byte[] bytes;

  /**
   * An array over these bytes, which are not copied.
   *
   * @param shape 1 to 255 extents, each 0 or more, outermost first
   * @param bytes big-endian elements, as many as the shape says
   */
  public IdxArray(IdxType type, int[] shape, byte[] bytes) {
    this.type = Objects.requireNonNull(type, "type");
    this.shape = shape.clone();
    this.bytes = Objects.requireNonNull(bytes, "bytes");
    if (shape.length < 1 || shape.length > 255) {
      throw new IllegalArgumentException("expected 1 to 255 dimensions, got " + shape.length);
    }
    long expected = byteSize(type, shape);
    if (expected != bytes.length) {
      throw new IllegalArgumentException(
          "expected "
              + expected
              + " bytes for "
              + type
              + " "
              + Arrays.toString(shape)
              + ", got "
              + bytes.length);
    }
  }

  /** An array of unsigned bytes. */
  public static IdxArray ofBytes(int[] shape, byte[] values) {
    return new IdxArray(IdxType.UNSIGNED_BYTE, shape, values);
  }

  /** An array of 32-bit integers; the values are copied. */
  public static IdxArray ofInts(int[] shape, int[] values) {
    byte[] bytes = new byte[Math.multiplyExact(values.length, 4)];
    ByteBuffer.wrap(bytes).asIntBuffer().put(values);
    return new IdxArray(IdxType.INT, shape, bytes);
  }

  /** An array of 32-bit floats; the values are copied. */
  public static IdxArray ofFloats(int[] shape, float[] values) {
    byte[] bytes = new byte[Math.multiplyExact(values.length, 4)];
    ByteBuffer.wrap(bytes).asFloatBuffer().put(values);
    return new IdxArray(IdxType.FLOAT, shape, bytes);
  }

  public IdxType type() {
    return type;
  }

  /** Extents, outermost first; a copy. */
  public int[] shape() {
    return shape.clone();
  }

  /** Number of elements. */
  public int size() {
    return bytes.length / type.bytes();
  }

  /** The elements in big-endian order; not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  /** The elements as floats: unsigned bytes are 0 .. 255, ints and doubles are rounded. */
  public float[] toFloats() {
    float[] values = new float[size()];
    ByteBuffer in = ByteBuffer.wrap(bytes);
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (type) {
            case UNSIGNED_BYTE -> in.get(i) & 0xff;
            case SIGNED_BYTE -> in.get(i);
            case SHORT -> in.getShort(2 * i);
            case INT -> in.getInt(4 * i);
            case FLOAT -> in.getFloat(4 * i);
            case DOUBLE -> (float) in.getDouble(8 * i);
          };
    }
    return values;
  }

  /** The elements as ints, of the whole-number types. */
  public int[] toInts() {
    int[] values = new int[size()];
    ByteBuffer in = ByteBuffer.wrap(bytes);
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (type) {
            case UNSIGNED_BYTE -> in.get(i) & 0xff;
            case SIGNED_BYTE -> in.get(i);
            case SHORT -> in.getShort(2 * i);
            case INT -> in.getInt(4 * i);
            default ->
                throw new IllegalArgumentException(
                    "expected whole numbers, got an array of " + type);
          };
    }
    return values;
  }

  @Override
  public String toString() {
    return "IdxArray[" + type + " " + Arrays.toString(shape) + "]";
  }

  /**
   * Bytes of such an array.
   *
   * @throws IllegalArgumentException for a negative extent or more bytes than a Java array holds
   */
  static long byteSize(IdxType type, int[] shape) {
    final long most = Integer.MAX_VALUE - 8;
    boolean empty = false;
    long bytes = type.bytes();
    for (int extent : shape) {
      if (extent < 0) {
        // The file's sizes are unsigned; those from 2^31 on are beyond any Java array.
        throw new IllegalArgumentException(
            "expected sizes of 0 to 2147483647, got " + Integer.toUnsignedString(extent));
      }
      // A size of 0 must not hide an overflow of the others.
      empty |= extent == 0;
      bytes *= Math.max(extent, 1); // below 2^31 * 2^31
      if (bytes > most) {
        throw new IllegalArgumentException(
            "expected at most "
                + most
                + " bytes of "
                + type
                + " elements, got the sizes "
                + Arrays.toString(shape));
      }
    }
    return empty ? 0 : bytes;
  }
}
