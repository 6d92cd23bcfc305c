// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.tensor.Region;
import org.generatrix.tensor.Shape;
import org.generatrix.tensor.Tensor;

/**
 * y = a region of x: every step-th index from a start on along each axis; a view where that lies
 * together. dx = dy in its place, 0 elsewhere.
 */
public final class Slice extends Op {
  private final Region region;

  private Slice(Region region) {
    this.region = region;
  }

  /**
   * From start to before stop along the first axes; negative numbers count from the end.
   *
   * @param step null for 1 everywhere
   */
  public static Var of(Var x, long[] start, long[] stop, long[] step) {
    return of(x, Region.slice(Shape.of(x.value()), start, stop, step));
  }

  /** Indices [start, start + length) along an axis; -1 is the last one. */
  public static Var narrow(Var x, int axis, long start, long length) {
    return of(x, Region.narrow(Shape.of(x.value()), axis, start, length));
  }

  static Var of(Var x, Region region) {
    return new Slice(region).record(value(x, region), x);
  }

  static Tensor value(Var x, Region region) {
    if (region.isRun()) {
      return x.value().slice(region);
    }
    Tensor y = x.tape().empty(x.dtype(), region.shape());
    region.copy(x.value(), y);
    return y;
  }

  @Override
  protected void backward(Flow g) {
    g.add(0, Placed.of(g.gradient(), region));
  }
}
