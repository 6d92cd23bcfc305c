// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Coupling;
import org.generatrix.binding.States;
import org.generatrix.binding.View;
import org.generatrix.tensor.Tensor;

/**
 * y = f(x; theta) on the elements that are changed, f a monotone rational-quadratic spline of 3
 * bins - 1 numbers, y = x on those kept (Durkan, Bekasov, Murray, Papamakarios, "Neural spline
 * flows", 2019, eq. 4 to 8). Numbers that are all 0 make it the identity. The equations stand in
 * coupling.h; gradients are of x and theta.
 */
public final class SplineCoupling extends MappedOp {
  private final Coupling.Spline p;
  private final States kept; // null for rules

  private SplineCoupling(Coupling.Spline p, States kept) {
    this.p = p;
    this.kept = kept;
  }

  /**
   * @param x [n, channels], [n, channels, length] or [n, channels, height, width]
   * @param logDet FLOAT64 [n], or null for zeros
   * @param theta [n, ..]: for each example 3 bins - 1 numbers for each of {@link
   *     CouplingMask#parameterUnits}, in the order that the shape says
   */
  public static Mapped of(
      Var x, Var logDet, Var theta, CouplingMask mask, SplineShape shape, boolean inverse) {
    Coupling.Examples examples = mask.over(x);
    long units = examples.parameterUnits();
    long numbers = shape.numbers();
    if (Batch.rows("theta", theta) != examples.examples()
        || Batch.units(theta) != numbers * units) {
      throw Batch.shape(
          "theta",
          "[%d, ..] of %d x %d numbers each".formatted(examples.examples(), numbers, units),
          theta);
    }
    // Strides of nothing are refused, and there may be no elements.
    Coupling.Spline p =
        new Coupling.Spline(
            examples,
            shape.bins(),
            shape.bound(),
            shape.minWidth(),
            shape.minSlope(),
            Math.max(1, numbers * units),
            shape.unitMajor() ? 1 : Math.max(1, units),
            shape.unitMajor() ? numbers : 1,
            inverse);
    SplineCoupling op = new SplineCoupling(p, mask.states(x.tape()));
    Tensor y = x.tape().empty(x.dtype(), x.shape());
    Tensor gathered = logDet(x, logDet);
    Coupling.spline(
        x.tape().device(),
        p,
        op.kept,
        x.view(),
        theta.view(),
        view(logDet),
        y.view(),
        gathered.view());
    return op.record(y, gathered, logDet, x, theta);
  }

  @Override
  void gradients(Flow g, View dy, View dLogDet, View... made) {
    Coupling.splineBackward(
        g.output(0).tape().device(),
        p,
        kept,
        g.input(0).view(),
        g.input(1).view(),
        dy,
        dLogDet,
        made[0],
        made[1]);
  }
}
