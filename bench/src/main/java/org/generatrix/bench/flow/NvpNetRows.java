// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.flow;

import java.util.List;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.RowFamily;

/**
 * A training step of a flow of points, through the public trainer: 4 couplings, networks of one
 * hidden layer for s and for t, batches of 100. There is next to no arithmetic in it.
 */
public final class NvpNetRows implements RowFamily {
  @Override
  public List<BenchRow> rows() {
    return List.of(row(2), row(64));
  }

  private static BenchRow row(int width) {
    return new BenchRow(
        "nvpnet-step:2d:depth4:hidden" + width + ":b100",
        threads -> new NvpNetTrial(width, threads));
  }
}
