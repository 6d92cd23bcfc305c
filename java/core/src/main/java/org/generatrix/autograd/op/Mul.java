// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Binary;

/**
 * y = a b, element by element. Operands are repeated by NumPy's rule; da = dy b, db = dy a, summed
 * back.
 */
public final class Mul extends Op {
  public static Var of(Var a, Var b) {
    return new Mul().record(BinaryForward.of(Binary.MUL, a, b), a, b);
  }

  @Override
  protected void backward(Flow g) {
    Var a = g.input(0);
    Var b = g.input(1);
    if (g.wants(0)) {
      g.add(0, Dot.to(g.gradient(), b, a.shape()));
    }
    if (g.wants(1)) {
      g.add(1, Dot.to(g.gradient(), a, b.shape()));
    }
  }
}
