// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Coupling;
import org.generatrix.binding.Rng;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * u = (round((levels - 1) v) + noise) / levels with uniform noise: intensities in [0, 1] of so many
 * levels spread over their cells (Theis, van den Oord, Bethge, "A note on the evaluation of
 * generative models", 2016, section 3.1), and the way back. A density of u times levels^-1 for each
 * element bounds the probability of the levels. Constants: no gradient flows through rounding, and
 * none of this is an operation of the tape.
 */
public final class Dequantise {
  private static final Rng NO_DRAW = new Rng(0, 0);

  private Dequantise() {}

  /** u in [0, 1) of x [n, ..]. */
  public static Var of(Var x, Rng rng, long levels) {
    return run(x, rng, params(x, levels, false, 0, 0, false)).value();
  }

  /** The logit of u as {@link Logit} has it, in the same pass, with its log-determinant. */
  public static Mapped logit(Var x, Rng rng, long levels, double low, double high) {
    return run(x, rng, params(x, levels, true, low, high, false));
  }

  /** The intensity of the level in whose cell u lies; the outermost cells have no end. */
  public static Var inverse(Var u, long levels) {
    return run(u, NO_DRAW, params(u, levels, false, 0, 0, true)).value();
  }

  /** The same of the logit of u. */
  public static Var inverseLogit(Var y, long levels, double low, double high) {
    return run(y, NO_DRAW, params(y, levels, true, low, high, true)).value();
  }

  private static Coupling.Dequantise params(
      Var x, long levels, boolean logit, double low, double high, boolean inverse) {
    if (levels < 2) {
      throw new IllegalArgumentException("levels must be at least 2, got " + levels);
    }
    return new Coupling.Dequantise(
        Batch.rows("x", x), Batch.units(x), levels, logit, low, high, inverse);
  }

  private static Mapped run(Var x, Rng rng, Coupling.Dequantise p) {
    Tape tape = x.tape();
    Tensor y = tape.empty(x.dtype(), x.shape());
    Tensor logDet = tape.empty(DType.FLOAT64, p.rows());
    Coupling.dequantise(tape.device(), p, rng, x.view(), null, y.view(), logDet.view());
    return new Mapped(tape.constant(y), tape.constant(logDet));
  }
}
