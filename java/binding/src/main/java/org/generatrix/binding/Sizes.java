// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

/** Sizes in bytes, with the overflow seen. */
final class Sizes {
  private Sizes() {}

  /** element x rows x columns, all nonnegative. */
  static long bytes(long element, long rows, long columns) {
    try {
      return Math.multiplyExact(Math.multiplyExact(rows, columns), element);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "expected a size below 2^63 bytes, got ["
              + rows
              + ", "
              + columns
              + "] elements of "
              + element
              + " bytes");
    }
  }

  static long floats(long rows, long columns) {
    return bytes(Float.BYTES, rows, columns);
  }

  static void atLeast(String name, long expected, long actual) {
    if (actual < expected) {
      throw new IllegalArgumentException(
          "expected " + name + " of at least " + expected + " elements, got " + actual);
    }
  }
}
