// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An open safetensors file. Each call reads its tensor afresh into a new array, so a file may be
 * much larger than memory. The file stays open until {@link #close} and what is read is the file
 * that was checked, also when another takes its name meanwhile. Safe for use by several threads.
 *
 * <p>All readers throw NoSuchElementException for a name that is not there,
 * IllegalArgumentException for a dtype other than theirs or a tensor that no Java array can hold,
 * IllegalStateException after close, and IOException when reading fails.
 */
public final class SafeTensorsFile implements AutoCloseable {
  private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;
  private static final int CHUNK = 1 << 20;

  private final Path path;
  private final FileChannel channel;
  private final SafeTensorsHeader header;
  private final long dataStart;

  private SafeTensorsFile(Path path, FileChannel channel) throws IOException {
    this.path = path;
    this.channel = channel;
    long size = channel.size();
    if (size < 8) {
      throw new MalformedFileException(
          path, "expected at least 8 bytes of a safetensors file, got " + size);
    }
    ByteBuffer prefix = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    readFully(prefix, 0);
    long length = prefix.getLong(0);
    if (length < 0 || length > SafeTensorsHeader.MAX_BYTES) {
      throw new MalformedFileException(
          path,
          "expected a safetensors header of at most "
              + SafeTensorsHeader.MAX_BYTES
              + " bytes, got a length of "
              + Long.toUnsignedString(length));
    }
    if (length > size - 8) {
      throw new MalformedFileException(
          path, "the safetensors header has " + length + " bytes, only " + (size - 8) + " follow");
    }
    ByteBuffer json = ByteBuffer.allocate((int) length);
    readFully(json, 8);
    this.dataStart = 8 + length;
    try {
      this.header = SafeTensorsHeader.parse(json.array(), size - dataStart);
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException(path, "not a valid safetensors header: " + e.getMessage());
    }
  }

  static SafeTensorsFile open(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new IOException("cannot read " + path + ": expected a file, found a folder");
    }
    FileChannel channel;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
    } catch (IOException e) {
      throw new IOException("cannot read " + path + ": " + FileErrors.reason(e), e);
    }
    try {
      return new SafeTensorsFile(path, channel);
    } catch (Throwable e) {
      channel.close();
      throw e;
    }
  }

  /** Where it was opened. */
  public Path path() {
    return path;
  }

  /** The text fields of the header, in the order of the file; not modifiable. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** The tensors' names, in the order of the data; not modifiable. */
  public Set<String> names() {
    return Collections.unmodifiableSet(header.entries().keySet());
  }

  /** Extents of a tensor, outermost first; empty for a single number. */
  public long[] shape(String name) {
    return entry(name).shape().clone();
  }

  /** Element type of a tensor as the format names it: F32, F64, I32, I64, U8, ... */
  public String dtype(String name) {
    return entry(name).type().name();
  }

  /** Values of an F32 tensor, row-major. */
  public float[] floats(String name) throws IOException {
    SafeTensorsHeader.Entry e = entry(name, ElementType.F32);
    float[] values = new float[arraySize(e)];
    read(e, (bytes, at) -> bytes.asFloatBuffer().get(values, at, bytes.remaining() / 4), 4);
    return values;
  }

  /** Values of an F64 tensor, row-major. */
  public double[] doubles(String name) throws IOException {
    SafeTensorsHeader.Entry e = entry(name, ElementType.F64);
    double[] values = new double[arraySize(e)];
    read(e, (bytes, at) -> bytes.asDoubleBuffer().get(values, at, bytes.remaining() / 8), 8);
    return values;
  }

  /** Values of an I32 tensor, row-major. */
  public int[] ints(String name) throws IOException {
    SafeTensorsHeader.Entry e = entry(name, ElementType.I32);
    int[] values = new int[arraySize(e)];
    read(e, (bytes, at) -> bytes.asIntBuffer().get(values, at, bytes.remaining() / 4), 4);
    return values;
  }

  /** Values of an I64 tensor, row-major. */
  public long[] longs(String name) throws IOException {
    SafeTensorsHeader.Entry e = entry(name, ElementType.I64);
    long[] values = new long[arraySize(e)];
    read(e, (bytes, at) -> bytes.asLongBuffer().get(values, at, bytes.remaining() / 8), 8);
    return values;
  }

  /**
   * The bytes of a tensor of any dtype, in little-endian order and as large as the tensor: at most
   * about 2 GB.
   */
  public ByteBuffer bytes(String name) throws IOException {
    SafeTensorsHeader.Entry e = entry(name);
    long bytes = e.end() - e.begin();
    if (bytes > MAX_ARRAY) {
      throw tooLarge(e, bytes, "bytes");
    }
    ByteBuffer values = ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    readFully(values, dataStart + e.begin());
    return values;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  @Override
  public String toString() {
    return "SafeTensorsFile[" + path + ", " + names().size() + " tensors]";
  }

  /** Takes some whole elements that belong at index {@code at} of the result. */
  private interface Sink {
    void take(ByteBuffer bytes, int at);
  }

  private void read(SafeTensorsHeader.Entry e, Sink sink, int elementBytes) throws IOException {
    long size = e.end() - e.begin();
    ByteBuffer chunk =
        ByteBuffer.allocateDirect((int) Math.min(size, CHUNK)).order(ByteOrder.LITTLE_ENDIAN);
    for (long done = 0; done < size; done += chunk.limit()) {
      chunk.clear().limit((int) Math.min(size - done, CHUNK));
      readFully(chunk, dataStart + e.begin() + done);
      sink.take(chunk, (int) (done / elementBytes));
    }
  }

  // Fills the buffer and rewinds it.
  private void readFully(ByteBuffer into, long position) throws IOException {
    try {
      while (into.hasRemaining()) {
        int got = channel.read(into, position + into.position());
        if (got < 0) {
          throw new MalformedFileException(
              path, "the file was cut short to " + channel.size() + " bytes while it was read");
        }
      }
    } catch (MalformedFileException e) {
      throw e;
    } catch (ClosedByInterruptException e) {
      throw new IOException("cannot read " + path + ": the thread was interrupted", e);
    } catch (ClosedChannelException e) {
      throw new IllegalStateException(path + ": the file was closed", e);
    } catch (IOException e) {
      throw new IOException("cannot read " + path + ": " + FileErrors.reason(e), e);
    }
    into.flip();
  }

  private SafeTensorsHeader.Entry entry(String name) {
    SafeTensorsHeader.Entry entry = header.entries().get(name);
    if (entry == null) {
      String some = names().stream().limit(20).collect(Collectors.joining(", "));
      throw new NoSuchElementException(
          path
              + ": no tensor "
              + SafeTensorsHeader.quote(name)
              + ", it holds "
              + (names().size() > 20 ? some + ", ..." : some));
    }
    return entry;
  }

  private SafeTensorsHeader.Entry entry(String name, ElementType type) {
    SafeTensorsHeader.Entry entry = entry(name);
    if (entry.type() != type) {
      throw new IllegalArgumentException(
          path
              + ": tensor "
              + SafeTensorsHeader.quote(name)
              + " is "
              + entry.type()
              + ", expected "
              + type);
    }
    return entry;
  }

  private int arraySize(SafeTensorsHeader.Entry e) {
    if (e.size() > MAX_ARRAY) {
      throw tooLarge(e, e.size(), "elements");
    }
    return (int) e.size();
  }

  private IllegalArgumentException tooLarge(SafeTensorsHeader.Entry e, long size, String unit) {
    return new IllegalArgumentException(
        path
            + ": tensor "
            + SafeTensorsHeader.quote(e.name())
            + " has "
            + size
            + " "
            + unit
            + ", a Java array holds at most "
            + MAX_ARRAY);
  }
}
