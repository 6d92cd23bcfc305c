// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.generatrix.io.MalformedFileException;

/** Reads one IDX file from a stream; {@code file} names it in messages. */
final class IdxReader {
  private static final int FIRST_CHUNK = 1 << 16;

  private final InputStream in;
  private final String file;

  private IdxReader(InputStream in, String file) {
    this.in = in;
    this.file = file;
  }

  /**
   * Reads an array, from gzip or not.
   *
   * @param storedBytes how many bytes the stream is known to hold: as much memory may be taken at
   *     once
   */
  static IdxArray read(InputStream stored, long storedBytes, String file) throws IOException {
    BufferedInputStream in = new BufferedInputStream(stored);
    in.mark(2);
    boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
    in.reset();
    if (!gzip) {
      return new IdxReader(in, file).array(storedBytes);
    }
    try (GzipInput unzipped = new GzipInput(in, file)) {
      return new IdxReader(unzipped, file).array(storedBytes);
    }
  }

  static Images images(IdxArray array, String file) throws IOException {
    int dimensions = array.shape().length == 4 ? 4 : 3;
    int[] shape = requireBytes(array, dimensions, "images", file);
    int channels = dimensions == 4 ? shape[1] : 1;
    int height = shape[dimensions - 2];
    int width = shape[dimensions - 1];
    if (channels != 1 && channels != 3) {
      throw new MalformedFileException(
          file + ": expected images of 1 or 3 channels, got " + channels);
    }
    if (height == 0 || width == 0) {
      throw new MalformedFileException(
          file + ": expected images of 1 x 1 pixels or more, got " + height + " x " + width);
    }
    return new Images(shape[0], channels, height, width, array.bytes());
  }

  static byte[] labels(IdxArray array, String file) throws IOException {
    requireBytes(array, 1, "labels", file);
    return array.bytes();
  }

  private static int[] requireBytes(IdxArray array, int dimensions, String what, String file)
      throws IOException {
    int[] shape = array.shape();
    if (array.type() != IdxType.UNSIGNED_BYTE || shape.length != dimensions) {
      throw new MalformedFileException(
          file
              + ": expected "
              + what
              + ", which are UNSIGNED_BYTE in "
              + dimensions
              + " dimension"
              + (dimensions == 1 ? "" : "s")
              + ", got "
              + array.type()
              + " in "
              + shape.length);
    }
    return shape;
  }

  private IdxArray array(long storedBytes) throws IOException {
    byte[] magic = header(4);
    if (magic[0] != 0 || magic[1] != 0) {
      throw bad(
          "expected an IDX file, which starts with 00 00, got "
              + HexFormat.ofDelimiter(" ").formatHex(magic));
    }
    IdxType type = IdxType.of(magic[2] & 0xff);
    if (type == null) {
      throw bad(
          String.format("expected an IDX type of 08, 09, 0b, 0c, 0d or 0e, got %02x", magic[2]));
    }
    int dimensions = magic[3] & 0xff;
    if (dimensions == 0) {
      throw bad("expected 1 to 255 dimensions in an IDX file, got 0");
    }
    int[] shape = new int[dimensions];
    ByteBuffer.wrap(header(4 * dimensions)).asIntBuffer().get(shape);
    long size;
    try {
      size = IdxArray.byteSize(type, shape);
    } catch (IllegalArgumentException e) {
      throw bad(e.getMessage());
    }
    byte[] bytes = data((int) size, shape, storedBytes);
    if (in.read() >= 0) {
      throw bad(
          "expected the end of the file after "
              + size
              + " bytes of data for the sizes "
              + Arrays.toString(shape)
              + ", got more");
    }
    return new IdxArray(type, shape, bytes);
  }

  private byte[] header(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw bad("expected " + length + " bytes more of an IDX header, got " + bytes.length);
    }
    return bytes;
  }

  // The array starts no larger than what is known to be there and doubles as data really comes.
  private byte[] data(int size, int[] shape, long storedBytes) throws IOException {
    byte[] bytes = new byte[(int) Math.min(size, Math.max(FIRST_CHUNK, storedBytes))];
    int filled = 0;
    while (filled < size) {
      if (filled == bytes.length) {
        bytes = Arrays.copyOf(bytes, (int) Math.min(size, 2L * bytes.length));
      }
      int got = in.read(bytes, filled, bytes.length - filled);
      if (got < 0) {
        throw bad(
            "expected "
                + size
                + " bytes of data for the sizes "
                + Arrays.toString(shape)
                + ", got "
                + filled);
      }
      filled += got;
    }
    return bytes;
  }

  private MalformedFileException bad(String problem) {
    return new MalformedFileException(file + ": " + problem);
  }
}
