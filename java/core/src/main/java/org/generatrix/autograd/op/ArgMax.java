// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Reduce;
import org.generatrix.binding.Reduction;
import org.generatrix.tensor.Tensor;

/** Where the greatest element stands along an axis: a constant, no operation of the tape. */
public final class ArgMax {
  private ArgMax() {}

  /** The index of the first of the greatest along an axis, which goes, as a number of x's type. */
  public static Var of(Var x, int axis) {
    int bits = Axes.bits(x.shape(), axis);
    Tensor index = x.tape().empty(x.dtype(), Axes.without(x.shape(), bits));
    Reduce.arg(x.tape().device(), Reduction.MAX, x.shape(), bits, x.view(), index.view());
    return x.tape().constant(index);
  }
}
