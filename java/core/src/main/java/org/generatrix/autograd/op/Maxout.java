// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Reduce;
import org.generatrix.binding.Reduction;
import org.generatrix.tensor.Tensor;

/**
 * y[.., c, ..] = the greatest of x[.., c k .. c k + k - 1, ..] along an axis, k pieces each
 * (Goodfellow et al. 2013). dx = dy at the first of the greatest, else 0.
 */
public final class Maxout extends Op {
  private static final int PIECES = 1 << 2; // of [outer, n / k, k, inner]

  private final long[] seenAs;

  private Maxout(long[] seenAs) {
    this.seenAs = seenAs;
  }

  public static Var of(Var x, int axis, long pieces) {
    long[] shape = x.shape();
    AxisLayout at = AxisLayout.of(shape, axis);
    if (pieces < 1 || at.n() % pieces != 0) {
      throw new IllegalArgumentException(
          "expected pieces that divide axis %d of %s, got %d"
              .formatted(axis, Arrays.toString(shape), pieces));
    }
    shape[at.axis()] /= pieces;
    long[] seenAs = {at.outer(), at.n() / pieces, pieces, at.inner()};
    Tensor y = x.tape().empty(x.dtype(), shape);
    Reduce.reduce(x.tape().device(), Reduction.MAX, seenAs, PIECES, x.view(), y.view());
    return new Maxout(seenAs).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    g.add(0, ExtremeGradient.of(Reduction.MAX, PIECES, seenAs, g.input(0), g.gradient()));
  }
}
