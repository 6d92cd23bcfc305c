// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.generatrix.cli.picture.TileShape;
import org.generatrix.cli.picture.Tiles;
import org.generatrix.data.Idx;
import org.generatrix.data.Images;
import org.generatrix.io.AtomicFile;

/** A file of pictures with intensities in [0, 1], in the format that its name asks for. */
record OutputFile(Path path, Format format, TileShape tile) {

  enum Format {
    PNG(".png"),
    NPY(".npy"),
    CSV(".csv"),
    IDX(".idx"),
    IDX_GZ(".idx.gz");

    private final String ending;

    /** What a model of pictures, or of points, can be written as. */
    boolean fits(boolean points) {
      return switch (this) {
        case PNG, NPY -> true;
        case CSV -> points;
        case IDX, IDX_GZ -> !points;
      };
    }

    Format(String ending) {
      this.ending = ending;
    }

    /** The format of a file name, or null. */
    static Format of(Path path) {
      String name =
          path.getFileName() == null ? "" : path.getFileName().toString().toLowerCase(Locale.ROOT);
      for (Format format : values()) {
        if (name.endsWith(format.ending)) {
          return format;
        }
      }
      return null;
    }
  }

  /** Writes {@code count} pictures [count][height][width], atomically. */
  void write(float[] values, int count) throws IOException {
    switch (format) {
      case PNG -> AtomicFile.write(path, Tiles.square(values, tile));
      case NPY -> AtomicFile.write(path, npy(values, shape(count)));
      case IDX, IDX_GZ ->
          Idx.writeImages(
              path, new Images(count, tile.channels(), tile.height(), tile.width(), bytes(values)));
      case CSV -> throw new IllegalStateException("CSV is for points");
    }
  }

  private int[] shape(int count) {
    return tile.channels() == 1
        ? new int[] {count, tile.height(), tile.width()}
        : new int[] {count, tile.channels(), tile.height(), tile.width()};
  }

  /**
   * NumPy's format 1.0: magic, version, a header padded to a multiple of 64 bytes, little-endian
   * data.
   */
  static byte[] npy(float[] values, int... shape) {
    String extents = Arrays.toString(shape).replace('[', '(').replace(']', ')');
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + extents + ", }";
    int unpadded = 10 + header.length() + 1;
    header += " ".repeat((64 - unpadded % 64) % 64) + "\n";
    ByteBuffer file =
        ByteBuffer.allocate(10 + header.length() + Float.BYTES * values.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 0x93)
        .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
        .put((byte) 1)
        .put((byte) 0);
    file.putShort((short) header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
    file.asFloatBuffer().put(values);
    return file.array();
  }

  private static byte[] bytes(float[] values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) Math.round(255 * Math.max(0f, Math.min(1f, values[i])));
    }
    return bytes;
  }
}
