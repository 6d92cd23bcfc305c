// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.generatrix.io.AtomicFile;
import org.generatrix.io.Json;
import org.generatrix.io.MalformedFileException;

/**
 * The record of a run, run.json: where its data are, the size of its pictures, how it was started,
 * and what came of it. Resuming reads the first two; the rest is for people and scripts.
 */
public final class RunRecord {
  private static final String DATA = "data";
  private static final String HEIGHT = "height";
  private static final String WIDTH = "width";

  private final Map<String, Object> values;

  private RunRecord(Map<String, Object> values) {
    this.values = values;
  }

  /**
   * A record that begins with the data: their folder, or null for the bundled digits, and the size
   * of a picture.
   */
  public static RunRecord of(Path data, int height, int width) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put(DATA, data == null ? null : data.toAbsolutePath().normalize().toString());
    values.put(HEIGHT, (long) height);
    values.put(WIDTH, (long) width);
    return new RunRecord(values);
  }

  public static RunRecord read(Path file) throws IOException {
    Map<String, Object> values;
    try {
      values = Json.parseObject(Files.readString(file));
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException(file, e.getMessage());
    }
    boolean folder = values.get(DATA) == null || values.get(DATA) instanceof String;
    if (!folder || !size(values.get(HEIGHT)) || !size(values.get(WIDTH))) {
      throw new MalformedFileException(
          file,
          "expected \"data\" as a string or null and \"height\" and \"width\" as positive numbers, got "
              + Json.print(values));
    }
    return new RunRecord(values);
  }

  private static boolean size(Object value) {
    return value instanceof Long size && size >= 1 && size <= Short.MAX_VALUE;
  }

  /** The data's folder, or null for the bundled digits. */
  public Path data() {
    return values.get(DATA) == null ? null : Path.of((String) values.get(DATA));
  }

  public int height() {
    return ((Long) values.get(HEIGHT)).intValue();
  }

  public int width() {
    return ((Long) values.get(WIDTH)).intValue();
  }

  /** Any entry, or null. */
  public Object get(String key) {
    return values.get(key);
  }

  /** Adds or replaces an entry: a string, number, map or list. */
  public RunRecord put(String key, Object value) {
    values.put(key, value);
    return this;
  }

  public void write(Path file) throws IOException {
    AtomicFile.write(file, Json.printIndented(values) + "\n");
  }
}
