// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.generatrix.cli.picture.TileShape;
import org.generatrix.io.AtomicFile;
import org.generatrix.io.Json;
import org.generatrix.io.MalformedFileException;

/**
 * The record of a run, run.json: where its data are, the size of its pictures or how its points
 * came about, how it was started, and what came of it. Resuming reads what is about the data; the
 * rest is for people and scripts.
 */
public final class RunRecord {
  private static final String DATA = "data";
  private static final String CHANNELS = "channels"; // 1 where it is missing
  private static final String HEIGHT = "height";
  private static final String WIDTH = "width";
  private static final String POINTS = "points";

  private final Map<String, Object> values;

  private RunRecord(Map<String, Object> values) {
    this.values = values;
  }

  /**
   * A record that begins with the data: their folder, or null for the bundled digits, and the size
   * of a picture.
   */
  public static RunRecord of(Path data, TileShape tile) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put(DATA, data == null ? null : data.toAbsolutePath().normalize().toString());
    values.put(CHANNELS, (long) tile.channels());
    values.put(HEIGHT, (long) tile.height());
    values.put(WIDTH, (long) tile.width());
    return new RunRecord(values);
  }

  /** A record that begins with points: all that it takes to have the same ones again. */
  public static RunRecord ofPoints(Map<String, Object> source) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put(POINTS, source);
    return new RunRecord(values);
  }

  public static RunRecord read(Path file) throws IOException {
    Map<String, Object> values;
    try {
      values = Json.parseObject(Files.readString(file));
    } catch (IllegalArgumentException e) {
      throw new MalformedFileException(file, e.getMessage());
    }
    if (!(values.get(POINTS) instanceof Map<?, ?>) && !pictures(values)) {
      throw new MalformedFileException(
          file,
          "expected \"data\" as a string or null and \"height\" and \"width\" as positive numbers, or \"points\" as an object, got "
              + Json.print(values));
    }
    return new RunRecord(values);
  }

  private static boolean pictures(Map<String, Object> values) {
    boolean folder = values.get(DATA) == null || values.get(DATA) instanceof String;
    return folder && size(values.get(HEIGHT)) && size(values.get(WIDTH));
  }

  private static boolean size(Object value) {
    return value instanceof Long size && size >= 1 && size <= Short.MAX_VALUE;
  }

  /** What {@link #ofPoints} began with; null for a run on pictures. */
  @SuppressWarnings("unchecked") // JSON's names are strings
  public Map<String, Object> points() {
    return (Map<String, Object>) values.get(POINTS);
  }

  /** The data's folder, or null for the bundled digits. */
  public Path data() {
    return values.get(DATA) == null ? null : Path.of((String) values.get(DATA));
  }

  /** Of a picture; null for a run on points. */
  public TileShape tile() {
    return points() != null ? null : new TileShape(number(HEIGHT), number(WIDTH), channels(values));
  }

  private int number(String key) {
    return ((Long) values.get(key)).intValue();
  }

  private static int channels(Map<String, Object> values) {
    return values.get(CHANNELS) instanceof Long three && three == 3 ? 3 : 1;
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
