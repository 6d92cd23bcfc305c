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
 * The randomised leaky ReLU (Xu et al. 2015): y = x if x > 0, else s x, s drawn for each element
 * from [lower, upper); its gradient draws the same slopes again. On a tape that does not train the
 * slope is the mean of the two.
 */
public final class Rrelu extends Op {
  private final Rng rng;
  private final double lower;
  private final double upper;

  private Rrelu(Rng rng, double lower, double upper) {
    this.rng = rng;
    this.lower = lower;
    this.upper = upper;
  }

  public static Var of(Var x, double lower, double upper) {
    if (!x.tape().isTraining()) {
      return LeakyRelu.of(x, (lower + upper) / 2);
    }
    Rng rng = x.tape().nextRng();
    Tensor y = x.tape().empty(x.dtype(), x.shape());
    Elementwise.rrelu(x.tape().device(), rng, lower, upper, x.view(), y.view());
    return new Rrelu(rng, lower, upper).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    g.add(0, new Gradient().of(this, g.input(0), g.gradient()));
  }

  /** It has no gradient of its own. */
  private static final class Gradient extends Op {
    Var of(Rrelu f, Var x, Var dy) {
      Tensor dx = x.tape().empty(x.dtype(), x.shape());
      Elementwise.rreluBackward(
          x.tape().device(), f.rng, f.lower, f.upper, x.view(), dy.view(), dx.view());
      return record(dx, x, dy);
    }
  }
}
