// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import org.generatrix.autograd.Var;
import org.generatrix.nn.Layer;

/** [N, ..] as rows [N, numbers of an example]; torch.nn.Flatten. */
public record Flatten() implements Layer {
  @Override
  public Var apply(Var x) {
    return x.reshape(x.shape()[0], -1);
  }
}
