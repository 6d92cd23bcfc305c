// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.io;

/**
 * A text that is not the JSON that {@link Json} accepts. The message says what was expected and
 * where.
 */
public final class JsonException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final int offset;

  JsonException(String problem, int offset) {
    super(problem + " at character " + offset);
    this.offset = offset;
  }

  /** Position of the offending character, counted from 0 in UTF-16 units. */
  public int offset() {
    return offset;
  }
}
