// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import java.util.List;
import java.util.Objects;

/**
 * How a file of a table is read.
 *
 * @param delimiter between fields, or {@link #FIND}
 * @param header whether the first record holds the columns' names
 * @param missing what becomes of rows with missing values
 * @param columns the ones to read, in this order: names, or numbers from 1; empty for all. Only
 *     these need to hold numbers.
 */
public record TableFormat(char delimiter, Header header, Missing missing, List<String> columns) {
  /** The one of comma, semicolon and tab that stands in the first line; it may hold one kind. */
  public static final char FIND = 0;

  /** Whether the first record holds the columns' names. */
  public enum Header {
    /** If none of its fields is a number, and some field is not missing. */
    FIND,
    YES,
    /** Columns are then named 1, 2, .. */
    NO
  }

  /** What becomes of a row where a field is empty or one of NA, N/A, NaN, null and ?. */
  public enum Missing {
    /** The file is refused. */
    REFUSE,
    /** The row is left out, and counted. */
    SKIP
  }

  public TableFormat {
    Objects.requireNonNull(header, "header");
    Objects.requireNonNull(missing, "missing");
    columns = List.copyOf(columns);
    if (columns.stream().distinct().count() < columns.size()) {
      throw new IllegalArgumentException("expected each column once, got " + columns);
    }
  }

  /** All columns; delimiter and header are found; no missing values. */
  public static TableFormat standard() {
    return new TableFormat(FIND, Header.FIND, Missing.REFUSE, List.of());
  }

  public TableFormat withDelimiter(char one) {
    return new TableFormat(one, header, missing, columns);
  }

  public TableFormat withHeader(Header one) {
    return new TableFormat(delimiter, one, missing, columns);
  }

  public TableFormat withMissing(Missing one) {
    return new TableFormat(delimiter, header, one, columns);
  }

  public TableFormat withColumns(String... some) {
    return new TableFormat(delimiter, header, missing, List.of(some));
  }
}
