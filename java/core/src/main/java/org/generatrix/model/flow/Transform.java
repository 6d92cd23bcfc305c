// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import org.generatrix.autograd.Couplings;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.Base;
import org.generatrix.nn.Module;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * An invertible map y = f(x) of examples x [n, units] or [n, channels, height, width], whose
 * log-determinants log |det dy/dx| gather along a stack: what is given comes back with its own
 * added, FLOAT64 [n], in nats. A flow goes from data to latents by {@link #forward} and from
 * latents to data by {@link #inverse}.
 *
 * <p>A map may depend on a context, a row of numbers for each example; those that do not leave it
 * aside. Several threads may apply one transform at once while nobody trains it; what an element
 * becomes that cannot be taken back stands in {@code coupling.h}: NaN, and so its log-determinant.
 */
public abstract class Transform extends Module {

  /**
   * y and the log-determinant of dy/dx.
   *
   * @param logDet gathered so far, FLOAT64 [n]; null for zeros
   * @param context [n, context units], or null where there is none
   */
  public abstract Mapped forward(Var x, Var logDet, Var context);

  /** x and the log-determinant of dx/dy; the parameters are those of {@link #forward}. */
  public abstract Mapped inverse(Var y, Var logDet, Var context);

  /**
   * {@link #forward}, with log p(y) under a base density of independent elements added to the
   * log-determinant: in the same pass where the last kernel can.
   */
  public Mapped forwardUnder(Base base, Var x, Var logDet, Var context) {
    Mapped y = forward(x, logDet, context);
    return base == Base.NONE
        ? y
        : new Mapped(y.value(), Couplings.baseLogDensity(y.value(), y.logDet(), base));
  }

  /** The sizes of y of one example, [units] or [channels, height, width], from those of x. */
  public long[] forwardShape(long... example) {
    return example;
  }

  /** The sizes of x of one example from those of y. */
  public long[] inverseShape(long... example) {
    return example;
  }

  /** The log-determinant given, or zeros for the examples of x. */
  protected static Var gathered(Var x, Var logDet) {
    return logDet != null
        ? logDet
        : x.tape()
            .constant(x.tape().own(Tensor.zeros(x.tape().device(), DType.FLOAT64, x.shape()[0])));
  }
}
