// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.generatrix.binding.Device;
import org.generatrix.cli.run.RunData;
import org.generatrix.cli.run.RunRecord;
import org.generatrix.data.PointDensity;
import org.generatrix.data.Points;
import org.generatrix.data.Standardisation;
import org.generatrix.data.Table;
import org.generatrix.data.TableFormat;
import org.generatrix.io.Json;
import org.generatrix.tensor.Tensor;

/**
 * The points a command works on: drawn from a known density, or rows of a table.
 *
 * @param name what to call them
 * @param source how they came about, for the record of a run
 * @param columns their names
 * @param train the ones to learn from, [n][columns]
 * @param test the ones to measure on
 * @param truth the density they were drawn from, null if nobody knows it
 * @param floor its entropy in nats, NaN then
 * @param standardisation what was done to a table's columns, null for nothing
 */
public record PointSet(
    String name,
    Map<String, Object> source,
    List<String> columns,
    float[] train,
    float[] test,
    PointDensity truth,
    double floor,
    Standardisation standardisation)
    implements RunData {
  private static final String SET = "set";
  private static final String NOISE = "noise";
  private static final String TRAIN = "train";
  private static final String TEST = "test";
  private static final String SEED = "seed";
  private static final String CSV = "csv";
  private static final String COLUMNS = "columns";
  private static final String SKIP = "skip_missing";
  private static final String TEST_SHARE = "test_share";
  private static final String STANDARDISATION = "standardisation";
  private static final List<String> PLANE = List.of("x", "y");
  private static final int MEASURED = 10_000; // points that are drawn to measure on alone

  /**
   * What the columns of a model of points are.
   *
   * @param standardisation what was done to them, null for nothing
   */
  public record Columns(List<String> names, Standardisation standardisation) {}

  /** Points as the options or a record ask for them. */
  public sealed interface Source permits Drawn, File {
    /** To learn from, and to measure on. */
    PointSet load() throws IOException;

    /** To measure a model of these columns on: nothing to learn from, all of a file. */
    PointSet measured(Columns columns) throws IOException;
  }

  /**
   * Draws from one of the known densities.
   *
   * @param noise around the figure
   * @param train how many to learn from, and {@code test} how many to measure on
   */
  public record Drawn(Points set, double noise, int train, int test, long seed) implements Source {
    @Override
    public PointSet load() {
      Map<String, Object> source = new LinkedHashMap<>();
      source.put(SET, set.id());
      source.put(NOISE, noise);
      source.put(TRAIN, (long) train);
      source.put(TEST, (long) test);
      source.put(SEED, seed);
      PointDensity truth = set.density(noise);
      return new PointSet(
          set.id() + " at noise " + Text.number(noise),
          source,
          PLANE,
          set.draw(train, noise, seed),
          set.draw(test, noise, ~seed), // others, at the same places of another stream
          truth,
          truth.entropy(),
          null);
    }

    @Override
    public PointSet measured(Columns columns) {
      return new Drawn(set, noise, 0, MEASURED, seed).load();
    }
  }

  /**
   * Rows of a file, standardised by those to learn from.
   *
   * @param columns to read, none for all
   * @param skipMissing whether rows with missing values are left out rather than refused
   * @param test share of the rows to measure on
   */
  public record File(Path path, List<String> columns, boolean skipMissing, double test, long seed)
      implements Source {
    @Override
    public PointSet load() throws IOException {
      Table table = read(columns);
      if (table.width() < 2) {
        throw new CliException(path + " gives one column only; a flow of points needs at least 2.");
      }
      Table.Split split = table.split(0, test, seed);
      if (split.train().rows() < 2 || split.test().rows() < 1) {
        throw new CliException(
            path
                + " gives "
                + split.train().rows()
                + " training and "
                + split.test().rows()
                + " test rows; at least 2 and 1 are needed.");
      }
      try {
        split = split.standardised();
      } catch (IllegalArgumentException e) {
        throw new CliException(path + ": " + e.getMessage() + ".");
      }
      return of(table, split.train(), split.test());
    }

    @Override
    public PointSet measured(Columns model) throws IOException {
      boolean named = columns.isEmpty() && model.standardisation() != null;
      Table table = read(named ? model.names() : columns);
      if (table.width() != model.names().size()) {
        throw new CliException(
            path
                + " gives "
                + table.width()
                + " columns, but the model has "
                + model.names().size()
                + ".");
      }
      if (table.rows() == 0) {
        throw new CliException(path + " gives no rows.");
      }
      Standardisation by = model.standardisation();
      Table test = by == null ? table : table.standardised(by);
      return of(table, new Table(table.columns(), new double[0]), test);
    }

    private Table read(List<String> wanted) throws IOException {
      return Table.read(
          path,
          TableFormat.standard()
              .withColumns(wanted.toArray(String[]::new))
              .withMissing(skipMissing ? TableFormat.Missing.SKIP : TableFormat.Missing.REFUSE));
    }

    private PointSet of(Table table, Table train, Table test) {
      Map<String, Object> source = new LinkedHashMap<>();
      source.put(CSV, path.toAbsolutePath().normalize().toString());
      source.put(COLUMNS, table.columns());
      source.put(SKIP, skipMissing);
      source.put(TEST_SHARE, this.test);
      source.put(SEED, seed);
      Standardisation by = test.standardisation();
      if (by != null) {
        source.put(STANDARDISATION, Json.parseObject(by.toJson()));
      }
      return new PointSet(
          path.toString(),
          source,
          table.columns(),
          train.floats(),
          test.floats(),
          null,
          Double.NaN,
          by);
    }
  }

  /** The points of a run, by its record. */
  public static PointSet of(RunRecord record) throws IOException {
    Map<String, Object> points = record.points();
    Source source;
    try {
      source = source(points);
    } catch (ClassCastException | NullPointerException | IllegalArgumentException e) {
      throw new CliException(
          "The run's record does not say how its points came about: " + Json.print(points) + ".");
    }
    return source.load();
  }

  /** The columns of a run's model, by its record; null for a run on pictures. */
  static Columns columns(RunRecord record) {
    Map<String, Object> points = record.points();
    if (points == null) {
      return null;
    }
    if (!(points.get(COLUMNS) instanceof List<?>)) {
      return new Columns(PLANE, null);
    }
    Object by = points.get(STANDARDISATION);
    return new Columns(names(points), by == null ? null : Standardisation.ofJson(Json.print(by)));
  }

  private static List<String> names(Map<String, Object> points) {
    return ((List<?>) points.get(COLUMNS)).stream().map(String.class::cast).toList();
  }

  private static Source source(Map<String, Object> points) {
    if (points.get(CSV) instanceof String path) {
      return new File(
          Path.of(path),
          names(points),
          (Boolean) points.get(SKIP),
          number(points, TEST_SHARE).doubleValue(),
          number(points, SEED).longValue());
    }
    return new Drawn(
        Points.of((String) points.get(SET)),
        number(points, NOISE).doubleValue(),
        number(points, TRAIN).intValue(),
        number(points, TEST).intValue(),
        number(points, SEED).longValue());
  }

  private static Number number(Map<String, Object> points, String key) {
    return (Number) points.get(key);
  }

  @Override
  public RunRecord record() {
    return RunRecord.ofPoints(source);
  }

  @Override
  public String noun() {
    return standardisation == null ? "points" : "rows";
  }

  public int dimensions() {
    return columns.size();
  }

  @Override
  public int trainCount() {
    return train.length / dimensions();
  }

  public int testCount() {
    return test.length / dimensions();
  }

  @Override
  public String size() {
    return Text.count(trainCount())
        + " training and "
        + Text.count(testCount())
        + " test "
        + noun()
        + " of "
        + dimensions()
        + " columns";
  }

  /** The mean negative log-density of the test points under the truth; NaN if nobody knows it. */
  public double ofTruth() {
    if (truth == null) {
      return Double.NaN;
    }
    double sum = 0;
    for (int i = 0; i < test.length; i += 2) {
      sum -= truth.logDensity(test[i], test[i + 1]);
    }
    return sum / testCount();
  }

  /** Rows in the units that they were read in. */
  public float[] original(float[] rows) {
    return original(rows, new Columns(columns, standardisation));
  }

  /** The same of rows of a model with these columns. */
  static float[] original(float[] rows, Columns of) {
    if (of.standardisation() == null) {
      return rows;
    }
    double[] values = new double[rows.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = rows[i];
    }
    double[] original = of.standardisation().invert(values, of.names().size());
    float[] floats = new float[original.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) original[i];
    }
    return floats;
  }

  /** The first rows, as many as there are up to a number, as a tensor that the caller closes. */
  public static Tensor rows(Device device, float[] points, int columns, int atMost) {
    int n = Math.min(atMost, points.length / columns);
    return Tensor.of(device, Arrays.copyOf(points, n * columns), n, columns);
  }
}
