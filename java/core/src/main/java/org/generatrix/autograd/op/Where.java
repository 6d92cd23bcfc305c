// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Elementwise;
import org.generatrix.tensor.Tensor;

/**
 * y = a where the mask is not 0, else b, all of one shape; nothing of the branch not taken gets
 * through, no NaN either, forward or backward. da = dy where the mask is not 0, db elsewhere.
 */
public final class Where extends Op {
  private Where() {}

  public static Var of(Var mask, Var a, Var b) {
    if (!Arrays.equals(mask.shape(), a.shape()) || !Arrays.equals(a.shape(), b.shape())) {
      throw new IllegalArgumentException(
          "expected a mask and two arrays of one shape, got %s, %s and %s"
              .formatted(
                  Arrays.toString(mask.shape()),
                  Arrays.toString(a.shape()),
                  Arrays.toString(b.shape())));
    }
    Tensor y = a.tape().empty(a.dtype(), a.shape());
    Elementwise.select(a.tape().device(), mask.view(), a.view(), b.view(), y.view());
    return new Where().record(y, mask, a, b);
  }

  @Override
  protected void backward(Flow g) {
    if (g.wants(1)) {
      g.add(1, Part.of(g.input(0), g.gradient(), true));
    }
    if (g.wants(2)) {
      g.add(2, Part.of(g.input(0), g.gradient(), false));
    }
  }

  /** x where the mask is not 0 (or is 0), else 0; its gradient is the same of dy. */
  private static final class Part extends Op {
    private final boolean where;

    private Part(boolean where) {
      this.where = where;
    }

    static Var of(Var mask, Var x, boolean where) {
      Tensor y = x.tape().empty(x.dtype(), x.shape());
      Elementwise.select(
          x.tape().device(),
          mask.view(),
          where ? x.view() : null,
          where ? null : x.view(),
          y.view());
      return new Part(where).record(y, mask, x);
    }

    @Override
    protected void backward(Flow g) {
      g.add(1, of(g.input(0), g.gradient(), where));
    }
  }
}
