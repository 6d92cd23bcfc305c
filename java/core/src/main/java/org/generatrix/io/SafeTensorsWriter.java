// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Collects tensors and writes them as one file. Arrays are not copied: they must not change until
 * {@link #write} has returned. Every method that adds a tensor throws IllegalArgumentException when
 * the name is taken or the shape does not have as many elements as the array.
 */
public final class SafeTensorsWriter {
  private static final int CHUNK_ELEMENTS = 1 << 16;

  /** Puts elements from .. to - 1 into a little-endian buffer that has room for them. */
  private interface Source {
    void put(int from, int to, ByteBuffer into);
  }

  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, SafeTensorsHeader.Entry> entries = new LinkedHashMap<>();
  private final Map<String, Source> sources = new LinkedHashMap<>();

  SafeTensorsWriter() {}

  /** Adds a text field, or replaces it. */
  public SafeTensorsWriter metadata(String key, String value) {
    requireWholeText(key);
    requireWholeText(value);
    metadata.put(key, value);
    return this;
  }

  /** Adds an F32 tensor. */
  public SafeTensorsWriter floats(String name, long[] shape, float[] values) {
    return add(
        name,
        ElementType.F32,
        shape,
        values.length,
        (from, to, into) -> into.asFloatBuffer().put(values, from, to - from));
  }

  /** Adds an F64 tensor. */
  public SafeTensorsWriter doubles(String name, long[] shape, double[] values) {
    return add(
        name,
        ElementType.F64,
        shape,
        values.length,
        (from, to, into) -> into.asDoubleBuffer().put(values, from, to - from));
  }

  /** Adds an I32 tensor. */
  public SafeTensorsWriter ints(String name, long[] shape, int[] values) {
    return add(
        name,
        ElementType.I32,
        shape,
        values.length,
        (from, to, into) -> into.asIntBuffer().put(values, from, to - from));
  }

  /** Adds an I64 tensor. */
  public SafeTensorsWriter longs(String name, long[] shape, long[] values) {
    return add(
        name,
        ElementType.I64,
        shape,
        values.length,
        (from, to, into) -> into.asLongBuffer().put(values, from, to - from));
  }

  /**
   * Adds a tensor of any dtype from its little-endian bytes.
   *
   * @param dtype as the format names it: U8, BF16, BOOL, ...
   */
  public SafeTensorsWriter bytes(String name, String dtype, long[] shape, byte[] values) {
    ElementType type = SafeTensorsHeader.type(name, dtype);
    int size = type.bytes();
    if (values.length % size != 0) {
      throw new IllegalArgumentException(
          "tensor "
              + SafeTensorsHeader.quote(name)
              + " has "
              + values.length
              + " bytes, expected a multiple of "
              + size
              + " for dtype "
              + type);
    }
    return add(
        name,
        type,
        shape,
        values.length / size,
        (from, to, into) -> into.put(values, from * size, (to - from) * size));
  }

  /**
   * Writes the file, or replaces it as a whole; on failure an old file of that name is as it was.
   *
   * @throws IOException when it cannot be written, one sentence that names the file
   */
  public void write(Path file) throws IOException {
    SafeTensorsHeader header =
        SafeTensorsHeader.layOut(metadata, new ArrayList<>(entries.values()));
    byte[] json = header.print();
    if (json.length > SafeTensorsHeader.MAX_BYTES) {
      throw new IllegalArgumentException(
          "cannot write "
              + file
              + ": expected a header of at most "
              + SafeTensorsHeader.MAX_BYTES
              + " bytes, got "
              + json.length);
    }
    AtomicFile.write(
        file,
        out -> {
          out.write(
              ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).array());
          out.write(json);
          for (SafeTensorsHeader.Entry e : header.entries().values()) {
            write(e, sources.get(e.name()), out);
          }
        });
  }

  private static void write(SafeTensorsHeader.Entry e, Source source, OutputStream out)
      throws IOException {
    int elementBytes = e.type().bytes();
    int count = (int) e.size();
    ByteBuffer chunk =
        ByteBuffer.allocate(Math.min(count, CHUNK_ELEMENTS) * elementBytes)
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < count; ) {
      int to = from + Math.min(count - from, CHUNK_ELEMENTS);
      source.put(from, to, chunk.clear());
      out.write(chunk.array(), 0, (to - from) * elementBytes);
      from = to;
    }
  }

  private SafeTensorsWriter add(
      String name, ElementType type, long[] shape, int count, Source source) {
    requireWholeText(name);
    String quoted = SafeTensorsHeader.quote(name);
    if (name.equals(SafeTensorsHeader.METADATA)) {
      throw new IllegalArgumentException(
          "expected a tensor name other than " + quoted + ", which holds the metadata");
    }
    if (entries.containsKey(name)) {
      throw new IllegalArgumentException("expected each tensor once, got " + quoted + " again");
    }
    long bytes = SafeTensorsHeader.byteSize(name, type, shape);
    long expected = bytes / type.bytes();
    if (count != expected) {
      throw new IllegalArgumentException(
          "tensor "
              + quoted
              + " of shape "
              + Arrays.toString(shape)
              + " needs "
              + expected
              + " elements, got "
              + count);
    }
    entries.put(name, new SafeTensorsHeader.Entry(name, type, shape.clone(), 0, bytes));
    sources.put(name, source);
    return this;
  }

  private static void requireWholeText(String s) {
    int lone = Text.loneSurrogate(s);
    if (lone >= 0) {
      throw new IllegalArgumentException(
          String.format(
              "expected whole surrogate pairs, got U+%04X alone in a name or text",
              (int) s.charAt(lone)));
    }
  }
}
