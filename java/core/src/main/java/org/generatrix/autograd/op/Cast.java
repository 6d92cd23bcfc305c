// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.ArrayOps;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Shape;
import org.generatrix.tensor.Tensor;

/** y = x as another type, rounded to it. dx = dy as the type of x. */
public final class Cast extends Op {
  private Cast() {}

  /** To FLOAT32 or FLOAT64; x itself if it is so. */
  public static Var of(Var x, DType type) {
    if (x.dtype() == type) {
      return x;
    }
    Tensor y = x.tape().empty(type, Shape.of(x.value()));
    ArrayOps.convert(x.tape().device(), x.view(), y.view());
    return new Cast().record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    g.add(0, of(g.gradient(), g.input(0).dtype()));
  }
}
