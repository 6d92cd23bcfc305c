// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.run;

import java.util.ArrayList;
import java.util.List;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.Trial;

/**
 * Runs one row at one thread count: verifies, lets each peer choose its fastest variant, and times
 * all against each other.
 */
public final class RowRunner {
  private RowRunner() {}

  /** One result per peer, or a single one where the row has none. */
  public static List<ResultRow> run(BenchRow row, Ceilings ceilings, Interleaved.Plan plan) {
    try (Trial trial = row.open(ceilings.threads())) {
      trial.verify();
      List<Peer> peers = trial.peers();
      List<Contender> contenders = new ArrayList<>(List.of(trial.ours()));
      for (Peer peer : peers) {
        contenders.add(Interleaved.fastest(peer.variants()));
      }
      List<Statistics> times = Interleaved.measure(contenders, plan);
      Statistics ours = times.get(0);
      double share = ceilings.share(trial.work(), ours.median());
      List<ResultRow> results = new ArrayList<>();
      for (int i = 0; i < Math.max(1, peers.size()); i++) {
        boolean alone = peers.isEmpty();
        results.add(
            new ResultRow(
                row.name(),
                row.shape(),
                ceilings.threads(),
                ours.median(),
                alone ? null : peers.get(i).name(),
                alone ? Double.NaN : times.get(i + 1).median(),
                trial.work().rate(ours.median()),
                share,
                ours.spread(),
                alone ? Double.NaN : times.get(i + 1).spread(),
                note(
                    trial,
                    alone || peers.get(i).variants().size() == 1 ? null : contenders.get(i + 1))));
      }
      return results;
    }
  }

  private static String note(Trial trial, Contender chosen) {
    String variant = chosen == null ? "" : "peer: " + chosen.label();
    String remark = trial.note();
    return variant.isEmpty() || remark.isEmpty() ? variant + remark : variant + "; " + remark;
  }
}
