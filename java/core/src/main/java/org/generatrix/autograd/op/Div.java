// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Binary;

/** y = a / b. Operands are repeated by NumPy's rule; da = dy / b, db = -dy y / b, summed back. */
public final class Div extends Op {
  public static Var of(Var a, Var b) {
    return new Div().record(BinaryForward.of(Binary.DIV, a, b), a, b);
  }

  @Override
  protected void backward(Flow g) {
    Var a = g.input(0);
    Var b = g.input(1);
    Var share = of(g.gradient(), b); // dy / b
    if (g.wants(0)) {
      g.add(0, Sum.to(share, a.shape()));
    }
    if (g.wants(1)) {
      g.add(1, ScaleShift.of(Dot.to(share, g.output(), b.shape()), -1, 0));
    }
  }
}
