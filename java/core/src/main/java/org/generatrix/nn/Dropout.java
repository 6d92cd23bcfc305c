// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Var;

/**
 * y = x m / (1 - p) on a tape that trains, each m of {0, 1} drawn with P(m = 0) = p; y = x
 * otherwise (Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov 2014, scaled in training).
 *
 * @param p the share that is dropped, in [0, 1)
 */
public record Dropout(double p) implements Layer {
  public Dropout {
    if (!(p >= 0 && p < 1)) {
      throw new IllegalArgumentException("p must be at least 0 and below 1, got " + p);
    }
  }

  @Override
  public Var apply(Var x) {
    return p == 0 ? x : Functions.dropout(x, p);
  }
}
