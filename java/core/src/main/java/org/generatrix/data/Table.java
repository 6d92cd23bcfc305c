// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.generatrix.io.MalformedFileException;

/**
 * Rows of numbers, by named columns: what densities of tabular data are learned from.
 *
 * <pre>{@code
 * Table.Split split = Table.read(Path.of("measurements.csv")).split(0.1, 0.1, 1).standardised();
 * Tensor train = Tensor.of(device, split.train().floats(), split.train().rows(), split.train().width());
 * // a model's nats for these rows, in the units of the file:
 * double nats = mean + split.train().standardisation().logDensityShift();
 * }</pre>
 */
public final class Table {
  private final List<String> columns;
  private final int rows;
  private final double[] values;
  private final int skipped;
  private final Standardisation standardisation;

  /**
   * A table over these values, which are not copied.
   *
   * @param columns their names, at least 1, no two alike
   * @param values finite, [rows, columns], row-major
   */
  public Table(List<String> columns, double[] values) {
    this(columns, values, 0, null);
    if (this.columns.stream().distinct().count() < width()) {
      throw new IllegalArgumentException("expected columns of different names, got " + columns);
    }
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "expected finite numbers, got %s in row %d of column %s"
                .formatted(values[i], i / width(), this.columns.get(i % width())));
      }
    }
  }

  Table(List<String> columns, double[] values, int skipped, Standardisation standardisation) {
    this.columns = List.copyOf(columns);
    this.values = Objects.requireNonNull(values, "values");
    this.skipped = skipped;
    this.standardisation = standardisation;
    if (columns.isEmpty() || values.length % columns.size() != 0) {
      throw new IllegalArgumentException(
          "expected rows of %d columns, at least 1, got %d numbers"
              .formatted(columns.size(), values.length));
    }
    rows = values.length / columns.size();
  }

  /** Reads a file with {@link TableFormat#standard}. */
  public static Table read(Path file) throws IOException {
    return read(file, TableFormat.standard());
  }

  /**
   * Reads a file of comma-separated values (RFC 4180) or its like with another delimiter.
   *
   * @throws MalformedFileException when it is not such a file, or holds something that is no finite
   *     number in a column that is read: one sentence with line and column
   * @throws IOException when it cannot be read
   */
  public static Table read(Path file, TableFormat format) throws IOException {
    return TableReader.read(file, format);
  }

  public List<String> columns() {
    return columns;
  }

  public int rows() {
    return rows;
  }

  /** How many columns there are. */
  public int width() {
    return columns.size();
  }

  /** One number. */
  public double value(int row, int column) {
    Objects.checkIndex(row, rows);
    Objects.checkIndex(column, width());
    return values[row * width() + column];
  }

  /** Rows of the file that were left out, as they had missing values. */
  public int skipped() {
    return skipped;
  }

  /** All numbers, rounded to floats: [rows, width]. */
  public float[] floats() {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  /** The table of some columns, in this order. */
  public Table select(String... names) {
    if (standardisation != null) {
      throw new IllegalStateException("select columns before they are standardised");
    }
    int[] from = new int[names.length];
    for (int i = 0; i < names.length; i++) {
      from[i] = columns.indexOf(names[i]);
      if (from[i] < 0) {
        throw new IllegalArgumentException(
            "expected a column of %s, got %s".formatted(columns, names[i]));
      }
    }
    double[] some = new double[rows * names.length];
    for (int i = 0; i < some.length; i++) {
      some[i] = values[i / names.length * width() + from[i % names.length]];
    }
    Table table = new Table(List.of(names), some);
    return new Table(table.columns, some, skipped, null);
  }

  // --- Standardisation ------------------------------------------------------------------------

  /** What was done to the columns, or null. */
  public Standardisation standardisation() {
    return standardisation;
  }

  /** This table with columns of other units. */
  public Table standardised(Standardisation by) {
    if (standardisation != null) {
      throw new IllegalStateException("the table is standardised already");
    }
    return new Table(columns, by.apply(values, width()), skipped, by);
  }

  /** This table in the units it was read in. */
  public Table original() {
    return standardisation == null
        ? this
        : new Table(columns, standardisation.invert(values, width()), skipped, null);
  }

  // --- Parts ----------------------------------------------------------------------------------

  /** A table in three parts. */
  public record Split(Table train, Table validation, Table test) {
    /** All three by the means and deviations of the training rows. */
    public Split standardised() {
      Standardisation by = Standardisation.of(train);
      return new Split(train.standardised(by), validation.standardised(by), test.standardised(by));
    }
  }

  /**
   * Three parts of which each row is in one, at random: the same for a seed everywhere.
   *
   * @param validation share of the rows, rounded to whole ones
   * @param test likewise; both at least 0, together below 1
   * @param seed any number
   */
  public Split split(double validation, double test, long seed) {
    if (!(validation >= 0 && test >= 0 && validation + test < 1)) {
      throw new IllegalArgumentException(
          "expected shares of at least 0 and together below 1, got %s and %s"
              .formatted(validation, test));
    }
    long[] order = Shuffle.permutation(rows, seed, 0);
    int tests = (int) Math.round(test * rows);
    int checked = tests + (int) Math.round(validation * rows);
    return new Split(
        part(order, Math.min(checked, rows), rows),
        part(order, tests, Math.min(checked, rows)),
        part(order, 0, tests));
  }

  // Rows in the order of the file, so that a part looks like it.
  private Table part(long[] order, int from, int to) {
    long[] chosen = Arrays.copyOfRange(order, from, to);
    Arrays.sort(chosen);
    double[] some = new double[chosen.length * width()];
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(values, (int) chosen[i] * width(), some, i * width(), width());
    }
    return new Table(columns, some, 0, standardisation);
  }

  @Override
  public String toString() {
    return "Table[" + rows + " rows of " + columns + "]";
  }
}
