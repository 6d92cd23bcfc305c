// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.adversarial;

import java.util.List;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.RowFamily;

/** A whole training step of a convolutional adversarial network, through the public trainer. */
public final class DcganRows implements RowFamily {
  @Override
  public List<BenchRow> rows() {
    return List.of(new BenchRow("dcgan-step:3x32x32:ngf64:b64", DcganTrial::new));
  }
}
