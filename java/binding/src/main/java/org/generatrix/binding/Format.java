// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

/** How an array or a batch of states lies in memory; mirrors gx_format. */
public enum Format {
  /** float [rows][units], row-major. */
  FLOAT32,
  /**
   * 32 units a word, [rows][(units + 31) / 32] words; unit i is bit i mod 32 of word i div 32;
   * padding bits are 0.
   */
  BITS,
  /** double [rows][units], row-major; for the kernels that name it, which run their references. */
  FLOAT64;

  /** Bytes of an element of an array; bits have none. */
  public int elementBytes() {
    if (this == BITS) {
      throw new IllegalArgumentException("expected an array of numbers, got packed bits");
    }
    return this == FLOAT32 ? Float.BYTES : Double.BYTES;
  }

  /**
   * Bytes of a batch. Throws IllegalArgumentException if either size is negative or the product
   * exceeds 63 bits.
   */
  public long bytes(long rows, long units) {
    if (rows < 0 || units < 0) {
      throw new IllegalArgumentException(
          "expected rows >= 0 and units >= 0, got [" + rows + ", " + units + "]");
    }
    return this == BITS
        ? Sizes.bytes(Integer.BYTES, rows, units / 32 + (units % 32 == 0 ? 0 : 1))
        : Sizes.bytes(elementBytes(), rows, units);
  }
}
