// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.gibbs;

import java.util.List;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.RowFamily;

/** A whole epoch of PCD-1 through the public trainer, on digits as bits and as intensities. */
public final class PcdRows implements RowFamily {
  @Override
  public List<BenchRow> rows() {
    return List.of(row("bits", true), row("intensities", false));
  }

  private static BenchRow row(String kind, boolean bits) {
    return new BenchRow(
        "pcd-epoch:784x500:b128:" + kind, threads -> new PcdTrial(500, 128, bits, threads));
  }
}
