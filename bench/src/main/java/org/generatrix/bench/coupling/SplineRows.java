// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.coupling;

import java.util.ArrayList;
import java.util.List;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.RowFamily;
import org.generatrix.bench.coupling.CouplingTrial.Pass;

/**
 * Rational-quadratic spline couplings of eight bins and their log-determinants: half of 3 x 32 x
 * 32, and one of two numbers, as flows of points have them.
 */
public final class SplineRows implements RowFamily {
  @Override
  public List<BenchRow> rows() {
    List<BenchRow> rows = new ArrayList<>();
    for (Pass pass : Pass.values()) {
      add(rows, pass, 64, 1536);
      add(rows, pass, 512, 1);
    }
    return rows;
  }

  private static void add(List<BenchRow> rows, Pass pass, int n, int units) {
    String name = "spline%s:%dx%d".formatted(pass.suffix, n, 2 * units);
    rows.add(new BenchRow(name, threads -> new SplineTrial(pass, n, units, threads)));
  }
}
