// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.generatrix.binding.NativeInfo;
import org.generatrix.io.MalformedFileException;
import org.generatrix.io.SafeTensors;
import org.generatrix.io.SafeTensorsFile;
import org.generatrix.io.SafeTensorsWriter;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * How models lie in files: safetensors whose metadata say which kind of model it is, in which
 * version of this format, with which configuration (JSON), written by which version of the library.
 * What else the metadata hold are notes: the seed, how it was trained.
 */
public final class ModelFile implements AutoCloseable {
  /** The format version this library writes, and the newest it reads. */
  public static final int FORMAT_VERSION = 1;

  private static final String KIND = "generatrix.kind";
  private static final String VERSION = "generatrix.format";
  private static final String LIBRARY = "generatrix.version";
  private static final String CONFIG = "generatrix.config";

  private final Path path;
  private final SafeTensorsFile file;
  private final String config;
  private final Map<String, String> notes;

  private ModelFile(Path path, SafeTensorsFile file, Map<String, String> metadata) {
    this.path = path;
    this.file = file;
    this.config = metadata.get(CONFIG);
    this.notes = new TreeMap<>(metadata);
    notes.keySet().removeIf(key -> key.startsWith("generatrix."));
  }

  /** Which kind of model a file holds, for those who do not know before they open it. */
  public static String kindOf(Path path) throws IOException {
    try (SafeTensorsFile file = SafeTensors.read(path)) {
      return kindOf(path, file.metadata());
    }
  }

  /**
   * Opens a model of that kind.
   *
   * @throws MalformedFileException when the file is no model, or one of another kind or of another
   *     format version
   */
  public static ModelFile read(Path path, String kind) throws IOException {
    SafeTensorsFile file = SafeTensors.read(path);
    try {
      Map<String, String> metadata = file.metadata();
      String actual = kindOf(path, metadata);
      if (!actual.equals(kind)) {
        throw refuse(path, "expected a model of kind \"%s\", got \"%s\"".formatted(kind, actual));
      }
      if (!String.valueOf(FORMAT_VERSION).equals(metadata.get(VERSION))) {
        throw refuse(
            path,
            "expected format version %d, got %s; it was written by Generatrix %s"
                .formatted(FORMAT_VERSION, metadata.get(VERSION), metadata.get(LIBRARY)));
      }
      if (!metadata.containsKey(CONFIG)) {
        throw refuse(path, "expected the metadata entry \"%s\", got none".formatted(CONFIG));
      }
      return new ModelFile(path, file, metadata);
    } catch (MalformedFileException e) {
      file.close();
      throw e;
    }
  }

  private static String kindOf(Path path, Map<String, String> metadata)
      throws MalformedFileException {
    String kind = metadata.get(KIND);
    if (kind == null) {
      throw refuse(path, "expected a Generatrix model, got a file without \"%s\"".formatted(KIND));
    }
    return kind;
  }

  /** The model's configuration. */
  public <R extends Record> R config(Class<R> type) throws MalformedFileException {
    try {
      return ConfigJson.read(type, config);
    } catch (IllegalArgumentException e) {
      throw refuse(path, e.getMessage());
    }
  }

  public Path path() {
    return path;
  }

  /** The metadata that are not the format's own. */
  public Map<String, String> notes() {
    return Map.copyOf(notes);
  }

  public boolean has(String name) {
    return file.names().contains(name);
  }

  /**
   * Copies a tensor of the file, which must be finite and have the target's shape, into the target.
   * Bits come as they were written: as packed words.
   */
  public ModelFile into(String name, Tensor target) throws IOException {
    boolean bits = target.dtype() == DType.BITS;
    long[] shape = bits ? packed(target) : target.shape();
    if (!has(name)) {
      throw refuse(path, "expected the tensor \"%s\", got %s".formatted(name, file.names()));
    }
    String dtype = bits ? "I32" : target.dtype() == DType.FLOAT64 ? "F64" : "F32";
    if (!Arrays.equals(file.shape(name), shape) || !file.dtype(name).equals(dtype)) {
      throw refuse(
          path,
          "expected \"%s\" as %s %s, got %s %s"
              .formatted(
                  name,
                  dtype,
                  Arrays.toString(shape),
                  file.dtype(name),
                  Arrays.toString(file.shape(name))));
    }
    if (bits) {
      int[] words = file.ints(name);
      requirePadding(name, words, target);
      target.buffer().write(0, words, 0, words.length);
    } else if (target.dtype() == DType.FLOAT64) {
      double[] values = file.doubles(name);
      for (int i = 0; i < values.length; i++) {
        requireFinite(name, values[i], i);
      }
      target.copyFrom(values);
    } else {
      float[] values = file.floats(name);
      for (int i = 0; i < values.length; i++) {
        requireFinite(name, values[i], i);
      }
      target.copyFrom(values);
    }
    return this;
  }

  private void requireFinite(String name, double value, int i) throws MalformedFileException {
    if (!Double.isFinite(value)) {
      throw refuse(path, "\"%s\" must be finite, got %s at element %d".formatted(name, value, i));
    }
  }

  // Kernels count on the bits behind the last unit of a row being 0.
  private void requirePadding(String name, int[] words, Tensor target)
      throws MalformedFileException {
    int perRow = (int) packed(target)[1];
    int used = (int) (target.units() % 32);
    for (int last = perRow - 1; used > 0 && last < words.length; last += perRow) {
      if (words[last] >>> used != 0) {
        throw refuse(
            path,
            "\"%s\" must have no bits set behind its %d units, got some in row %d"
                .formatted(name, target.units(), last / perRow));
      }
    }
  }

  private static long[] packed(Tensor bits) {
    return new long[] {bits.rows(), (bits.units() + 31) / 32};
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private static MalformedFileException refuse(Path path, String reason) {
    return new MalformedFileException(path, reason);
  }

  /** A file under construction for a model of that kind. */
  public static Writer writer(String kind, Record config) {
    return new Writer(kind, config);
  }

  /** Collects what goes into the file. */
  public static final class Writer {
    private final SafeTensorsWriter file = SafeTensors.writer();

    private Writer(String kind, Record config) {
      file.metadata(KIND, Objects.requireNonNull(kind, "kind"))
          .metadata(VERSION, String.valueOf(FORMAT_VERSION))
          .metadata(LIBRARY, NativeInfo.version())
          .metadata(CONFIG, ConfigJson.write(config));
    }

    public Writer note(String key, String value) {
      file.metadata(key, value);
      return this;
    }

    /** Numbers in their shape; bits as int32 words [rows, ceil(units / 32)]. */
    public Writer tensor(String name, Tensor tensor) {
      if (tensor.dtype() == DType.FLOAT32) {
        file.floats(name, tensor.shape(), tensor.toArray());
        return this;
      }
      if (tensor.dtype() == DType.FLOAT64) {
        file.doubles(name, tensor.shape(), tensor.toDoubleArray());
        return this;
      }
      long[] shape = packed(tensor);
      int[] words = new int[Math.toIntExact(shape[0] * shape[1])];
      tensor.buffer().read(0, words, 0, words.length);
      file.ints(name, shape, words);
      return this;
    }

    /** Writes the file atomically: a crash leaves the old one or the new one. */
    public void save(Path path) throws IOException {
      file.write(path);
    }
  }
}
