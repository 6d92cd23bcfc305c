// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.generatrix.cli.picture.Plane;
import org.generatrix.cli.picture.Window;
import org.generatrix.data.Standardisation;
import org.generatrix.io.AtomicFile;

/**
 * A file of points in the format that its name asks for.
 *
 * @param columns their names
 * @param standardisation what the points are to be freed from, null for nothing
 */
record PointsFile(
    Path path, OutputFile.Format format, List<String> columns, Standardisation standardisation) {
  private static final int WIDTH = 860;

  /** Writes points [count][columns], atomically. */
  void write(float[] values, int count) throws IOException {
    double[] original = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      original[i] = values[i];
    }
    if (standardisation != null) {
      original = standardisation.invert(original, columns.size());
    }
    switch (format) {
      case PNG -> AtomicFile.write(path, picture(floats(original)));
      case NPY -> AtomicFile.write(path, OutputFile.npy(floats(original), count, columns.size()));
      case CSV -> AtomicFile.write(path, csv(original));
      default -> throw new IllegalStateException(format + " is for pictures");
    }
  }

  private byte[] picture(float[] points) {
    Window window = Window.around(points, 2, 0, 1);
    return Plane.png(new Plane(window, WIDTH).points(points, 2, 0, 1, Plane.MODEL).figures());
  }

  /** Names in quotes where they hold what separates; numbers as floats, which is what they were. */
  private String csv(double[] values) {
    StringBuilder text = new StringBuilder(values.length * 12);
    for (int c = 0; c < columns.size(); c++) {
      text.append(c == 0 ? "" : ",").append(quoted(columns.get(c)));
    }
    for (int i = 0; i < values.length; i++) {
      text.append(i % columns.size() == 0 ? '\n' : ',').append((float) values[i]);
    }
    return text.append('\n').toString();
  }

  private static String quoted(String name) {
    boolean plain = name.chars().noneMatch(c -> c == '"' || c == ',' || c == '\n' || c == '\r');
    return plain ? name : '"' + name.replace("\"", "\"\"") + '"';
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
