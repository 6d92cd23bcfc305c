// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Loss;
import org.generatrix.tensor.Tensor;

/**
 * The Wasserstein-1 distance of two sets of numbers, x [rows] and y [n]: integral of |F^-1 - G^-1|
 * over (0, 1), the mean of |x_(i) - y_(i)| where the sizes are equal. One number. Its slope is 0
 * where the quantiles are equal.
 */
public final class Wasserstein1 extends Op {
  public static Var of(Var x, Var y) {
    for (Var set : new Var[] {x, y}) {
      if (set.shape().length != 1) {
        throw Batch.shape("a set of numbers", "[n]", set);
      }
    }
    Tensor out = x.tape().empty(x.dtype());
    Loss.wasserstein1(x.tape().device(), x.size(), y.size(), x.view(), y.view(), out.view());
    return new Wasserstein1().record(out, x, y);
  }

  @Override
  protected void backward(Flow g) {
    Var x = g.input(0);
    Var y = g.input(1);
    FusedGradient.add(
        g,
        2,
        (dout, d) ->
            Loss.wasserstein1Backward(
                x.tape().device(), x.size(), y.size(), x.view(), y.view(), dout, d[0], d[1]));
  }
}
