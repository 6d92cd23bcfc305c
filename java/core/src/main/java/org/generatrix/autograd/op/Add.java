// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Binary;

/** y = a + b. Operands are repeated by NumPy's rule; da = db = dy, summed back to their shapes. */
public final class Add extends Op {
  public static Var of(Var a, Var b) {
    return new Add().record(BinaryForward.of(Binary.ADD, a, b), a, b);
  }

  @Override
  protected void backward(Flow g) {
    if (g.wants(0)) {
      g.add(0, Sum.to(g.gradient(), g.input(0).shape()));
    }
    if (g.wants(1)) {
      g.add(1, Sum.to(g.gradient(), g.input(1).shape()));
    }
  }
}
