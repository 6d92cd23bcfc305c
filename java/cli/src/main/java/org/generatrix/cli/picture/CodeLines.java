// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.picture;

import java.util.function.UnaryOperator;
import org.generatrix.tensor.Tensor;

/** Straight lines between the codes of pictures, as pictures. */
public final class CodeLines {
  private CodeLines() {}

  /**
   * Rows from the 1st picture to the 2nd, the 3rd to the 4th and so on: the pictures themselves at
   * both ends, and between them what a decoder makes of the line between their codes, from the one
   * code to the other.
   *
   * @param pictures float [n, units], an even number; a last one without a partner is its own
   * @param steps of each line, at least 2
   */
  public static byte[] draw(
      Tensor pictures,
      int steps,
      UnaryOperator<Tensor> encode,
      UnaryOperator<Tensor> decode,
      TileShape tile) {
    float[] values = pictures.toArray();
    int units = tile.units();
    int lines = (values.length / units + 1) / 2;
    float[] codes;
    int size;
    try (Tensor encoded = encode.apply(pictures)) {
      codes = encoded.toArray();
      size = Math.toIntExact(encoded.units());
    }
    float[] between = between(codes, size, steps);
    try (Tensor line = Tensor.of(pictures.device(), between, (long) lines * steps, size);
        Tensor decoded = decode.apply(line)) {
      return Tiles.ways(
          every2nd(values, units, 0), decoded.toArray(), every2nd(values, units, 1), tile);
    }
  }

  /** The lines between codes [n][size], as [(n + 1) / 2][steps][size]. */
  static float[] between(float[] codes, int size, int steps) {
    float[] from = every2nd(codes, size, 0);
    float[] to = every2nd(codes, size, 1);
    float[] lines = new float[from.length * steps];
    for (int i = 0; i < from.length; i++) {
      int line = i / size * steps * size + i % size;
      for (int k = 0; k < steps; k++) {
        float t = k / (steps - 1f);
        lines[line + k * size] = (1 - t) * from[i] + t * to[i];
      }
    }
    return lines;
  }

  /** Rows first, first + 2, ..; where the last of those is missing, the last row instead. */
  private static float[] every2nd(float[] rows, int size, int first) {
    int n = rows.length / size;
    float[] taken = new float[(n + 1) / 2 * size];
    for (int i = 0; i < (n + 1) / 2; i++) {
      System.arraycopy(rows, Math.min(2 * i + first, n - 1) * size, taken, i * size, size);
    }
    return taken;
  }
}
