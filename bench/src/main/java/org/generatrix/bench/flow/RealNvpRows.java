// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.flow;

import java.util.List;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.RowFamily;

/** A whole training step of a flow of pictures through the public trainer, and its sampling. */
public final class RealNvpRows implements RowFamily {
  @Override
  public List<BenchRow> rows() {
    return List.of(
        new BenchRow("realnvp-step:3x32x32:c32:b32", RealNvpTrial::new),
        new BenchRow("realnvp-sample:3x32x32:c32:b64", RealNvpSampleTrial::new).withoutPeers());
  }
}
