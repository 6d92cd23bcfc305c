// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

/**
 * Packed rows of bits on the host: unit i of a row is bit i mod 32 of its word i div 32, padding
 * bits are 0.
 */
final class Bits {
  private Bits() {}

  static int words(int units) {
    return units / 32 + (units % 32 == 0 ? 0 : 1);
  }

  /** values[rows][units], each 0 or 1. */
  static int[] pack(float[] values, int rows, int units) {
    int stride = words(units);
    int[] words = new int[rows * stride];
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < units; i++) {
        float value = values[r * units + i];
        if (value == 1) {
          words[r * stride + (i >> 5)] |= 1 << (i & 31);
        } else if (value != 0) {
          throw new IllegalArgumentException(
              "expected bits 0 or 1, got " + value + " in row " + r + ", unit " + i);
        }
      }
    }
    return words;
  }

  static void unpack(int[] words, int rows, int units, float[] values) {
    int stride = words(units);
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < units; i++) {
        values[r * units + i] = (words[r * stride + (i >> 5)] >>> (i & 31)) & 1;
      }
    }
  }
}
