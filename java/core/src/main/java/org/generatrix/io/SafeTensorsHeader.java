// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The JSON header of a safetensors file: checked when read, laid out when written. */
final class SafeTensorsHeader {
  static final String METADATA = "__metadata__";
  static final long MAX_BYTES = 100_000_000;

  /** One tensor: bytes begin .. end - 1 of the data, little-endian, row-major. */
  record Entry(String name, ElementType type, long[] shape, long begin, long end) {
    long size() {
      return (end - begin) / type.bytes();
    }
  }

  private final Map<String, String> metadata;
  private final Map<String, Entry> entries;

  private SafeTensorsHeader(Map<String, String> metadata, Map<String, Entry> entries) {
    this.metadata = Collections.unmodifiableMap(metadata);
    this.entries = Collections.unmodifiableMap(entries);
  }

  Map<String, String> metadata() {
    return metadata;
  }

  /** In the order of the data. */
  Map<String, Entry> entries() {
    return entries;
  }

  /**
   * Checks and takes apart a header.
   *
   * @param json the header, UTF-8, perhaps padded with spaces at its end
   * @param dataBytes how many bytes follow it in the file
   * @throws JsonException when it is not JSON
   * @throws IllegalArgumentException when it does not describe these bytes, one sentence
   */
  static SafeTensorsHeader parse(byte[] json, long dataBytes) {
    if (json.length == 0 || json[0] != '{') {
      throw bad(
          "expected a header that starts with '{', got %s",
          json.length == 0 ? "none" : "byte " + (json[0] & 0xff));
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    List<Entry> tensors = new ArrayList<>();
    for (Map.Entry<String, Object> field : fields(Json.parse(json), "the header").entrySet()) {
      if (field.getKey().equals(METADATA)) {
        readMetadata(field.getValue(), metadata);
      } else {
        tensors.add(readEntry(field.getKey(), field.getValue()));
      }
    }
    // By the end as well: an empty tensor comes before the one that begins where it does.
    tensors.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long covered = 0;
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Entry e : tensors) {
      if (e.begin != covered) {
        String why = e.begin < covered ? "tensors overlap" : "bytes belong to no tensor";
        throw bad(
            "tensor %s starts at byte %d of the data, expected %d: %s",
            quote(e.name), e.begin, covered, why);
      }
      covered = e.end;
      entries.put(e.name, e);
    }
    if (covered != dataBytes) {
      throw bad("the header describes %d bytes of data, the file holds %d", covered, dataBytes);
    }
    return new SafeTensorsHeader(metadata, entries);
  }

  /**
   * Lays out tensors one behind the other as the reference implementation does, by descending type
   * and then by name: large elements come first, so every tensor is aligned to its element, and the
   * bytes of the file do not depend on the order of the calls.
   *
   * @param tensors name, type and shape; the offsets are not used
   */
  static SafeTensorsHeader layOut(Map<String, String> metadata, List<Entry> tensors) {
    List<Entry> sorted = new ArrayList<>(tensors);
    sorted.sort(
        Comparator.comparing(Entry::type, Comparator.reverseOrder()).thenComparing(Entry::name));
    Map<String, Entry> entries = new LinkedHashMap<>();
    long at = 0;
    for (Entry e : sorted) {
      long end = Math.addExact(at, byteSize(e.name, e.type, e.shape));
      entries.put(e.name, new Entry(e.name, e.type, e.shape, at, end));
      at = end;
    }
    return new SafeTensorsHeader(new TreeMap<>(metadata), entries);
  }

  /** The header's text, padded with spaces to a multiple of 8 bytes. */
  byte[] print() {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      fields.put(METADATA, metadata);
    }
    for (Entry e : entries.values()) {
      Map<String, Object> tensor = new LinkedHashMap<>();
      tensor.put("dtype", e.type.name());
      List<Object> shape = new ArrayList<>();
      for (long extent : e.shape) {
        shape.add(extent);
      }
      tensor.put("shape", shape);
      tensor.put("data_offsets", List.of(e.begin, e.end));
      fields.put(e.name, tensor);
    }
    byte[] text = Json.print(fields).getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(text, (text.length + 7) / 8 * 8);
    Arrays.fill(padded, text.length, padded.length, (byte) ' ');
    return padded;
  }

  /**
   * The type of a name.
   *
   * @throws IllegalArgumentException when there is none
   */
  static ElementType type(String tensor, String dtype) {
    ElementType type = ElementType.of(dtype);
    if (type == null) {
      throw bad(
          "tensor %s has dtype %s, expected one of %s",
          quote(tensor), quote(dtype), ElementType.names());
    }
    return type;
  }

  /**
   * Bytes of a tensor, product by product.
   *
   * @throws IllegalArgumentException for a negative extent, or more than 2^63 - 1 bytes
   */
  static long byteSize(String name, ElementType type, long[] shape) {
    boolean empty = false;
    long bytes = type.bytes();
    for (long extent : shape) {
      if (extent < 0) {
        throw bad("tensor %s has extent %d, expected 0 or more", quote(name), extent);
      }
      // An extent of 0 must not hide an overflow of the others.
      empty |= extent == 0;
      if (bytes > Long.MAX_VALUE / Math.max(extent, 1)) {
        throw bad(
            "tensor %s has shape %s, expected at most 2^63 - 1 bytes",
            quote(name), Text.shorten(Arrays.toString(shape)));
      }
      bytes *= Math.max(extent, 1);
    }
    return empty ? 0 : bytes;
  }

  private static void readMetadata(Object value, Map<String, String> into) {
    for (Map.Entry<String, Object> field : fields(value, METADATA).entrySet()) {
      if (!(field.getValue() instanceof String)) {
        throw bad(
            "expected %s to hold strings, got %s at %s",
            METADATA, Json.kind(field.getValue()), quote(field.getKey()));
      }
      into.put(field.getKey(), (String) field.getValue());
    }
  }

  private static Entry readEntry(String name, Object value) {
    Map<String, Object> fields = fields(value, name);
    for (String key : fields.keySet()) {
      if (!key.equals("dtype") && !key.equals("shape") && !key.equals("data_offsets")) {
        throw bad(
            "tensor %s has the field %s, expected dtype, shape and data_offsets only",
            quote(name), quote(key));
      }
    }
    Object dtype = fields.get("dtype");
    if (!(dtype instanceof String)) {
      throw bad(
          "expected dtype of tensor %s to be a string, got %s", quote(name), Json.kind(dtype));
    }
    long[] shape = longs(name, "shape", fields.get("shape"));
    long[] offsets = longs(name, "data_offsets", fields.get("data_offsets"));
    if (offsets.length != 2) {
      throw bad("expected 2 data_offsets of tensor %s, got %d", quote(name), offsets.length);
    }
    if (offsets[0] < 0 || offsets[0] > offsets[1]) {
      throw bad(
          "expected 0 <= begin <= end of tensor %s, got %d and %d",
          quote(name), offsets[0], offsets[1]);
    }
    ElementType type = type(name, (String) dtype);
    long bytes = byteSize(name, type, shape);
    if (offsets[1] - offsets[0] != bytes) {
      throw bad(
          "tensor %s has %d bytes by its data_offsets, expected %d by its dtype and shape",
          quote(name), offsets[1] - offsets[0], bytes);
    }
    return new Entry(name, type, shape, offsets[0], offsets[1]);
  }

  private static long[] longs(String name, String field, Object value) {
    if (!(value instanceof List)) {
      throw bad(
          "expected %s of tensor %s to be an array, got %s", field, quote(name), Json.kind(value));
    }
    List<?> list = (List<?>) value;
    long[] longs = new long[list.size()];
    for (int i = 0; i < longs.length; i++) {
      if (!(list.get(i) instanceof Long)) {
        throw bad(
            "expected whole numbers in %s of tensor %s, got %s",
            field, quote(name), Json.kind(list.get(i)));
      }
      longs[i] = (Long) list.get(i);
    }
    return longs;
  }

  @SuppressWarnings("unchecked") // the parser makes maps with string keys alone
  private static Map<String, Object> fields(Object object, String name) {
    if (!(object instanceof Map)) {
      throw bad("expected %s to be an object, got %s", quote(name), Json.kind(object));
    }
    return (Map<String, Object>) object;
  }

  static String quote(String s) {
    return Json.print(Text.shorten(s));
  }

  private static IllegalArgumentException bad(String sentence, Object... values) {
    return new IllegalArgumentException(String.format(Locale.ROOT, sentence, values));
  }
}
