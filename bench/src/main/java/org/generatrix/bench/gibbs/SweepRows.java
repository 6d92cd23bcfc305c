// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.gibbs;

import java.util.List;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.RowFamily;

/** The Gibbs sweep v to h to v, sampled, from bits to bits: the step of every chain. */
public final class SweepRows implements RowFamily {
  @Override
  public List<BenchRow> rows() {
    return List.of(row(784, 500, 1024), row(784, 500, 128), row(4096, 4096, 256));
  }

  private static BenchRow row(int visible, int hidden, int batch) {
    return new BenchRow(
        "gibbs-sweep:%dx%d:b%d".formatted(visible, hidden, batch),
        threads -> new SweepTrial(visible, hidden, batch, threads));
  }
}
