// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.util.Objects;

/**
 * A view of a batch of states in a buffer; mirrors gx_states and owns nothing.
 *
 * @param data at least {@code offset + format.bytes(rows, units)} bytes
 * @param offset where the states begin, in bytes
 */
public record States(DeviceBuffer data, long offset, long rows, long units, Format format) {
  public States {
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(format, "format");
    long needed = format.bytes(rows, units);
    if (offset < 0 || data.bytes() - offset < needed) {
      throw new IllegalArgumentException(
          "expected a buffer of at least "
              + needed
              + " bytes for "
              + format
              + " states ["
              + rows
              + ", "
              + units
              + "], got "
              + data.bytes()
              + (offset == 0 ? "" : " from byte " + offset));
    }
  }

  /** States from the start of the buffer. */
  public States(DeviceBuffer data, long rows, long units, Format format) {
    this(data, 0, rows, units, format);
  }

  /** The first rows of these. */
  public States firstRows(long count) {
    return new States(data, offset, count, units, format);
  }
}
