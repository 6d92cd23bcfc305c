// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Binary;
import org.generatrix.tensor.Tensor;

/**
 * y = a^b, repeated by NumPy's rule. da = dy b a^(b - 1), db = dy y log a, 0 where a is at most 0.
 */
public final class Pow extends Op {
  public static Var of(Var a, Var b) {
    return new Pow().record(BinaryForward.of(Binary.POW, a, b), a, b);
  }

  public static Var of(Var a, double b) {
    Tensor exponent = a.tape().empty(a.dtype());
    exponent.copyFrom(new double[] {b});
    return of(a, a.tape().constant(exponent));
  }

  @Override
  protected void backward(Flow g) {
    BinaryGradient.flow(Binary.POW, g);
  }
}
