// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.generatrix.data.Points;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which points a command works on. */
final class PointsOption {
  /** The options that say something about points. */
  static final List<String> NAMES =
      List.of("--points", "--noise", "--csv", "--columns", "--skip-missing");

  private static final double TEST_SHARE = 0.1;

  /** Sets by their ids; two moons are just moons too. */
  static final class SetByName implements ITypeConverter<Points> {
    @Override
    public Points convert(String name) {
      for (Points set : Points.values()) {
        if (name.equalsIgnoreCase(set.id()) || ("two-" + name).equalsIgnoreCase(set.id())) {
          return set;
        }
      }
      throw new TypeConversionException(
          "expected one of "
              + String.join(", ", Arrays.stream(Points.values()).map(Points::id).toList())
              + " but was '"
              + name
              + "'");
    }
  }

  @Option(
      names = "--points",
      paramLabel = "NAME",
      converter = SetByName.class,
      description = "Points in the plane: two-moons, rings, pinwheel, checkerboard or swiss-roll.")
  private Points set;

  @Option(
      names = "--noise",
      paramLabel = "X",
      description = "Standard deviation of the noise around them (default: 0.05 of two-moons).")
  private Double noise;

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description = "Rows of a table, of which a tenth is measured on; columns are standardised.")
  private Path csv;

  @Option(
      names = "--columns",
      paramLabel = "NAME",
      split = ",",
      description = "The ones to read, by name or number from 1 (default: all).")
  private List<String> columns = List.of();

  @Option(
      names = "--skip-missing",
      description = "Leave out rows with missing values, which are refused otherwise.")
  private boolean skipMissing;

  /** Whether there are any points. */
  boolean given() {
    return set != null || csv != null;
  }

  /** Refuses what does not go together. */
  void check(HelpOptions options) {
    if (set != null && csv != null) {
      throw options.usage("--points and --csv both say which points; only one can be given.");
    }
    if (noise != null && set == null) {
      throw options.usage("--noise belongs to --points.");
    }
    for (String option : List.of("--columns", "--skip-missing")) {
      if (options.given(option) && csv == null) {
        throw options.usage(option + " belongs to --csv.");
      }
    }
    if (noise != null && !(noise > 0 && noise < Double.POSITIVE_INFINITY)) {
      throw options.usage("--noise must be above 0, got " + noise + ".");
    }
  }

  /**
   * The points, null if there are none.
   *
   * @param train how many are drawn to learn from, and {@code test} how many to measure on
   */
  PointSet.Source source(int train, int test, long seed) {
    if (csv != null) {
      return new PointSet.File(csv, columns, skipMissing, TEST_SHARE, seed);
    }
    return set == null
        ? null
        : new PointSet.Drawn(set, noise != null ? noise : set.noise(), train, test, seed);
  }
}
