// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.gibbs;

import java.util.List;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.RowFamily;

/**
 * Annealed importance sampling of 100 chains: 500 temperatures against libtorch, and the
 * literature's 14,500 in seconds.
 */
public final class AisRows implements RowFamily {
  @Override
  public List<BenchRow> rows() {
    return List.of(row(500, true), row(14_500, false).withoutPeers());
  }

  private static BenchRow row(int temperatures, boolean peer) {
    return new BenchRow(
        "ais:784x500:m100:t" + temperatures,
        threads -> new AisTrial(784, 500, 100, temperatures, peer, threads));
  }
}
