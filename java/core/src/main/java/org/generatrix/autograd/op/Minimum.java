// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Binary;

/**
 * y = the lesser of a and b, repeated by NumPy's rule; NaN if either is. The gradient goes to the
 * lesser one, half to each at equality.
 */
public final class Minimum extends Op {
  public static Var of(Var a, Var b) {
    return new Minimum().record(BinaryForward.of(Binary.MINIMUM, a, b), a, b);
  }

  @Override
  protected void backward(Flow g) {
    BinaryGradient.flow(Binary.MINIMUM, g);
  }
}
