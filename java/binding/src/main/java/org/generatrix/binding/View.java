// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.util.Objects;

/**
 * An operand of a kernel: consecutive numbers in a buffer. It owns nothing.
 *
 * @param buffer holds them
 * @param offset of the first, in elements
 * @param count how many, at least 0
 * @param format FLOAT32 or FLOAT64
 */
public record View(DeviceBuffer buffer, long offset, long count, Format format) {
  public View {
    Objects.requireNonNull(buffer, "buffer");
    Objects.requireNonNull(format, "format");
    long held = buffer.bytes() / format.elementBytes();
    if (offset < 0 || count < 0 || offset > held - count) {
      throw new IllegalArgumentException(
          "expected a view within the "
              + held
              + " elements of its buffer, got "
              + count
              + " from element "
              + offset);
    }
  }
}
