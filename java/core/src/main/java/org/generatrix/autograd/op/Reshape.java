// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.tensor.Shape;

/** y = the elements of x under another shape of as many; a view. dx = dy under the shape of x. */
public final class Reshape extends Op {
  /** One size may be -1. */
  public static Var of(Var x, long... shape) {
    return new Reshape().record(x.value().reshape(shape), x);
  }

  @Override
  protected void backward(Flow g) {
    g.add(0, of(g.gradient(), Shape.of(g.input(0).value())));
  }
}
