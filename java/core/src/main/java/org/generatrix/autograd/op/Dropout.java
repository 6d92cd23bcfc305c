// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Elementwise;
import org.generatrix.binding.Rng;
import org.generatrix.tensor.Tensor;

/**
 * y = x / (1 - rate), or 0 with the chance of rate (Srivastava et al. 2014). No mask is kept: the
 * gradient draws the same numbers again. On a tape that does not train it is x.
 */
public final class Dropout extends Op {
  private final Rng rng;
  private final double rate;

  private Dropout(Rng rng, double rate) {
    this.rng = rng;
    this.rate = rate;
  }

  /** rate in [0, 1). */
  public static Var of(Var x, double rate) {
    return x.tape().isTraining() ? of(x, x.tape().nextRng(), rate) : x;
  }

  private static Var of(Var x, Rng rng, double rate) {
    Tensor y = x.tape().empty(x.dtype(), x.shape());
    Elementwise.dropout(x.tape().device(), rng, rate, x.view(), y.view());
    return new Dropout(rng, rate).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    g.add(0, of(g.gradient(), rng, rate));
  }
}
