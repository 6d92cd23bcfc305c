// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.generatrix.cli.picture.Plane;
import org.generatrix.cli.picture.Window;
import org.generatrix.io.AtomicFile;

/**
 * A file of points in the format that its name asks for.
 *
 * @param columns what they are
 */
record PointsFile(Path path, OutputFile.Format format, PointSet.Columns columns) {
  private static final int WIDTH = 860;

  /** Writes points [count][columns] in the units that a model's were read in, atomically. */
  void write(float[] values, int count) throws IOException {
    float[] original = PointSet.original(values, columns);
    switch (format) {
      case PNG -> AtomicFile.write(path, picture(original));
      case NPY -> AtomicFile.write(path, OutputFile.npy(original, count, width()));
      case CSV -> AtomicFile.write(path, csv(original));
      default -> throw new IllegalStateException(format + " is for pictures");
    }
  }

  private int width() {
    return columns.names().size();
  }

  private byte[] picture(float[] points) {
    Window window = Window.around(points, 2, 0, 1);
    return Plane.png(new Plane(window, WIDTH).points(points, 2, 0, 1, Plane.MODEL).figures());
  }

  /** Names in quotes where they hold what separates. */
  private String csv(float[] values) {
    StringBuilder text = new StringBuilder(values.length * 12);
    for (int c = 0; c < width(); c++) {
      text.append(c == 0 ? "" : ",").append(quoted(columns.names().get(c)));
    }
    for (int i = 0; i < values.length; i++) {
      text.append(i % width() == 0 ? '\n' : ',').append(values[i]);
    }
    return text.append('\n').toString();
  }

  private static String quoted(String name) {
    boolean plain = name.chars().noneMatch(c -> c == '"' || c == ',' || c == '\n' || c == '\r');
    return plain ? name : '"' + name.replace("\"", "\"\"") + '"';
  }
}
