// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.coupling;

import java.util.ArrayList;
import java.util.List;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.RowFamily;
import org.generatrix.bench.coupling.CouplingTrial.Pass;

/**
 * Affine couplings with l = tanh(s) and their log-determinants: a checkerboard over pictures of 3 x
 * 32 x 32 and 3 x 256 x 256, and halves of the same sizes.
 */
public final class CouplingRows implements RowFamily {
  @Override
  public List<BenchRow> rows() {
    List<BenchRow> rows = new ArrayList<>();
    for (boolean halves : new boolean[] {false, true}) {
      for (Pass pass : Pass.values()) {
        add(rows, pass, halves, 1024, 32);
        add(rows, pass, halves, 64, 256);
      }
    }
    return rows;
  }

  private static void add(List<BenchRow> rows, Pass pass, boolean halves, int n, int side) {
    String name =
        "coupling%s%s:%dx%d".formatted(halves ? "-halves" : "", pass.suffix, n, 3 * side * side);
    rows.add(new BenchRow(name, threads -> new CouplingTrial(pass, halves, n, side, threads)));
  }
}
