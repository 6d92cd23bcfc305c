// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

/** What an operand has a number for; in the order of gx_extent. */
public enum Extent {
  /** Every element, [rows][units]. */
  EACH,
  /** Every unit, [units], shared by the rows. */
  PER_UNIT,
  /** All of them, [1]. */
  SHARED;

  long size(long rows, long units) {
    return this == EACH ? Sizes.bytes(1, rows, units) : this == PER_UNIT ? units : 1;
  }
}
