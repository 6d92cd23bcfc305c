// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.generatrix.io.AtomicFile;
import org.generatrix.io.FileErrors;
import org.generatrix.io.MalformedFileException;

/**
 * IDX files, the format of MNIST and of many sets after it: two zero bytes, a type code, the number
 * of dimensions, the extents as big-endian 32-bit numbers, and the elements, big-endian and
 * row-major. Gzip is recognised by the file's content, not by its name.
 *
 * <p>The reader is strict: wrong magic, unknown type, sizes that no array can hold, data that ends
 * early, goes on after the last element, or fails the gzip checksum are errors. Memory grows with
 * the data that is read, never ahead of it by what a file's header claims.
 *
 * <p>All readers throw {@link MalformedFileException} for such files and IOException for those that
 * cannot be read; the message is one sentence that names the file. Writing replaces a file as a
 * whole ({@link AtomicFile}).
 */
public final class Idx {
  private Idx() {}

  /** Any array. */
  public static IdxArray read(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException("cannot read " + file + ": expected a file, found a folder");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return IdxReader.read(in, Files.size(file), file.toString());
    } catch (MalformedFileException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException("cannot read " + file + ": " + FileErrors.reason(e), e);
    }
  }

  /**
   * Images: unsigned bytes [count, height, width] of grey ones, [count, channels, height, width] of
   * 1 or 3 channels.
   */
  public static Images readImages(Path file) throws IOException {
    return IdxReader.images(read(file), file.toString());
  }

  /** Labels: unsigned bytes [count]. */
  public static byte[] readLabels(Path file) throws IOException {
    return IdxReader.labels(read(file), file.toString());
  }

  /** Writes or replaces a file; with gzip when its name ends in .gz. */
  public static void write(Path file, IdxArray array) throws IOException {
    boolean gzip = file.toString().endsWith(".gz");
    AtomicFile.write(
        file,
        out -> {
          if (gzip) {
            GZIPOutputStream zipped = new GZIPOutputStream(out, 1 << 16);
            write(array, zipped);
            zipped.finish();
          } else {
            write(array, out);
          }
        });
  }

  /** Writes or replaces a file of images, with an extent for the channels if there are several. */
  public static void writeImages(Path file, Images images) throws IOException {
    int[] shape =
        images.channels() == 1
            ? new int[] {images.count(), images.height(), images.width()}
            : new int[] {images.count(), images.channels(), images.height(), images.width()};
    write(file, IdxArray.ofBytes(shape, images.pixels()));
  }

  /** Writes or replaces a file of labels. */
  public static void writeLabels(Path file, byte[] labels) throws IOException {
    write(file, IdxArray.ofBytes(new int[] {labels.length}, labels));
  }

  private static void write(IdxArray array, OutputStream out) throws IOException {
    int[] shape = array.shape();
    ByteBuffer header = ByteBuffer.allocate(4 + 4 * shape.length);
    header
        .putShort((short) 0)
        .put((byte) array.type().code())
        .put((byte) shape.length)
        .asIntBuffer()
        .put(shape);
    out.write(header.array());
    out.write(array.bytes());
  }
}
