// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.ArrayOps;
import org.generatrix.tensor.Region;
import org.generatrix.tensor.Tensor;

/** y = x in a region, 0 elsewhere: the adjoint of {@link Slice}. dx = the region of dy. */
final class Placed extends Op {
  private final Region region;

  private Placed(Region region) {
    this.region = region;
  }

  static Var of(Var x, Region region) {
    Tensor y = x.tape().empty(x.dtype(), region.of());
    ArrayOps.fill(x.tape().device(), 0, y.view());
    region.place(x.value(), y);
    return new Placed(region).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    g.add(0, Slice.of(g.gradient(), region));
  }
}
