// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.variational;

import java.util.List;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.RowFamily;

/** A whole training epoch of a variational autoencoder, through the public trainer. */
public final class VaeRows implements RowFamily {
  @Override
  public List<BenchRow> rows() {
    return List.of(new BenchRow("vae-epoch:784-200-200-50:b100", VaeTrial::new));
  }
}
