// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Reduce;
import org.generatrix.binding.Reduction;
import org.generatrix.tensor.Tensor;

/** dx = dy where the extreme of x stands, else 0. It has no gradient of its own. */
final class ExtremeGradient extends Op {
  static Var of(Reduction reduction, int axes, Var x, Var dy) {
    return of(reduction, axes, x.shape(), x, dy);
  }

  /** x seen with a shape of as many elements. */
  static Var of(Reduction reduction, int axes, long[] seenAs, Var x, Var dy) {
    Tensor dx = x.tape().empty(x.dtype(), x.shape());
    Reduce.extremeBackward(
        x.tape().device(), reduction, seenAs, axes, x.view(), dy.view(), dx.view());
    return new ExtremeGradient().record(dx, x, dy);
  }
}
