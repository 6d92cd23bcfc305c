// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.util.Objects;

/**
 * A view of a batch of states in a buffer, from its start; mirrors gx_states and owns nothing.
 *
 * @param data at least {@code format.bytes(rows, units)} bytes
 */
public record States(DeviceBuffer data, long rows, long units, Format format) {
  public States {
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(format, "format");
    long needed = format.bytes(rows, units);
    if (data.bytes() < needed) {
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
              + data.bytes());
    }
  }
}
