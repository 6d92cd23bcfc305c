// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Reduce;
import org.generatrix.binding.Reduction;
import org.generatrix.tensor.Tensor;

/** y = the greatest element over axes; NaN if one is. dx = dy at the first such element, else 0. */
public final class Max extends Op {
  private final int axes;

  private Max(int axes) {
    this.axes = axes;
  }

  /** Over the given axes, which go; over none given, all of them. */
  public static Var of(Var x, int... axes) {
    int bits = Axes.bits(x.shape(), axes);
    Tensor y = x.tape().empty(x.dtype(), Axes.without(x.shape(), bits));
    Reduce.reduce(x.tape().device(), Reduction.MAX, x.shape(), bits, x.view(), y.view());
    return new Max(bits).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    g.add(0, ExtremeGradient.of(Reduction.MAX, axes, g.input(0), g.gradient()));
  }
}
