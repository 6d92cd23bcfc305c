// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import org.generatrix.autograd.op.AffineCoupling;
import org.generatrix.autograd.op.Base;
import org.generatrix.autograd.op.BaseLogDensity;
import org.generatrix.autograd.op.ChannelScale;
import org.generatrix.autograd.op.CouplingMask;
import org.generatrix.autograd.op.CouplingScale;
import org.generatrix.autograd.op.Dequantise;
import org.generatrix.autograd.op.InvertibleMatrix;
import org.generatrix.autograd.op.Logit;
import org.generatrix.autograd.op.SplineCoupling;
import org.generatrix.autograd.op.SplineShape;
import org.generatrix.binding.Rng;
import org.generatrix.tensor.Tensor;

/**
 * The steps of flows, as functions to be imported statically like {@link Functions}: invertible
 * maps with their log-determinants, gathered from step to step in FLOAT64 [n], and what stands at
 * either end.
 *
 * <pre>{@code
 * Mapped h = logit(dequantise(x, tape.nextRng(), 256), null, 0.05, 1);
 * h = affine(h.value(), h.logDet(), st, null, lastChanged(784, 392), tanh(2), Base.NONE);
 * Var logLikelihood = baseLogDensity(h.value(), h.logDet(), Base.GAUSSIAN); // [n]
 * }</pre>
 *
 * <p>x is [n, channels], [n, channels, length] or [n, channels, height, width], n examples. A
 * log-determinant that is null is that of nothing done so far. A base other than NONE adds log p(y)
 * to the log-determinant in the same pass. None of the maps has second derivatives.
 */
public final class Couplings {
  private Couplings() {}

  // --- Couplings ---

  /**
   * Affine coupling, y = x e^l + t where the mask changes.
   *
   * @param s for l, [n, ..] of {@link CouplingMask#parameterUnits} numbers each, like t; null for
   *     additive coupling
   * @param amplitude a [channels] of l = a tanh(s), or null
   */
  public static Mapped affine(
      Var x,
      Var logDet,
      Var s,
      Var t,
      Var amplitude,
      CouplingMask mask,
      CouplingScale scale,
      Base base) {
    return AffineCoupling.of(x, logDet, s, t, amplitude, mask, scale, false, base);
  }

  /**
   * The same with s and t in one array, which is not copied.
   *
   * @param st [n, ..]: the first half of each example's numbers is s, the second t; for additive
   *     coupling all are t
   */
  public static Mapped affine(
      Var x, Var logDet, Var st, Var amplitude, CouplingMask mask, CouplingScale scale, Base base) {
    return AffineCoupling.of(x, logDet, st, amplitude, mask, scale, false, base);
  }

  /** From y to x = (y - t) e^-l and its log-determinant. */
  public static Mapped affineInverse(
      Var y, Var logDet, Var s, Var t, Var amplitude, CouplingMask mask, CouplingScale scale) {
    return AffineCoupling.of(y, logDet, s, t, amplitude, mask, scale, true, Base.NONE);
  }

  /** The same with s and t in one array. */
  public static Mapped affineInverse(
      Var y, Var logDet, Var st, Var amplitude, CouplingMask mask, CouplingScale scale) {
    return AffineCoupling.of(y, logDet, st, amplitude, mask, scale, true, Base.NONE);
  }

  /**
   * A monotone rational-quadratic spline for each element that the mask changes.
   *
   * @param theta [n, 3 bins - 1, units..], or [n, units.., 3 bins - 1] if the shape is unit-major;
   *     units as of {@link CouplingMask#parameterUnits}
   */
  public static Mapped spline(Var x, Var logDet, Var theta, CouplingMask mask, SplineShape shape) {
    return SplineCoupling.of(x, logDet, theta, mask, shape, false);
  }

  /** From y back to x. */
  public static Mapped splineInverse(
      Var y, Var logDet, Var theta, CouplingMask mask, SplineShape shape) {
    return SplineCoupling.of(y, logDet, theta, mask, shape, true);
  }

  // --- Scaling and mixing of channels ---

  /**
   * y = x e^l_c + b_c of each channel, axis 1; log-scale and shift [channels] or null for zeros.
   */
  public static Mapped scale(Var x, Var logDet, Var logScale, Var shift, Base base) {
    return ChannelScale.of(x, logDet, logScale, shift, false, base);
  }

  /** From y to x = (y - b_c) e^-l_c. */
  public static Mapped scaleInverse(Var y, Var logDet, Var logScale, Var shift) {
    return ChannelScale.of(y, logDet, logScale, shift, true, Base.NONE);
  }

  /**
   * The matrix [n, n] of an invertible 1x1 convolution, P L (U + diag(sign e^l)), or its inverse.
   * Its log |det| is sum l for each pixel.
   */
  public static Var invertibleMatrix(
      long[] permutation, Var lower, Var upper, Tensor sign, Var logScale, boolean inverse) {
    return InvertibleMatrix.of(permutation, lower, upper, sign, logScale, inverse);
  }

  // --- Data in and out ---

  /** Intensities of levels in [0, 1] with uniform noise over their cells; a constant. */
  public static Var dequantise(Var x, Rng rng, long levels) {
    return Dequantise.of(x, rng, levels);
  }

  /** That and its logit in one pass; constants. */
  public static Mapped dequantise(Var x, Rng rng, long levels, double low, double high) {
    return Dequantise.logit(x, rng, levels, low, high);
  }

  /** The intensity of the level in whose cell u lies; a constant. */
  public static Var quantise(Var u, long levels) {
    return Dequantise.inverse(u, levels);
  }

  /** The same of a logit; a constant. */
  public static Var quantise(Var y, long levels, double low, double high) {
    return Dequantise.inverseLogit(y, levels, low, high);
  }

  /** y = log p - log(1 - p), p = low + (high - low) x. */
  public static Mapped logit(Var x, Var logDet, double low, double high) {
    return Logit.of(x, logDet, low, high, false);
  }

  /** From y to x = (sigmoid(y) - low) / (high - low). */
  public static Mapped logitInverse(Var y, Var logDet, double low, double high) {
    return Logit.of(y, logDet, low, high, true);
  }

  /** log p(z) of a base density and the log-determinant, FLOAT64 [n]. */
  public static Var baseLogDensity(Var z, Var logDet, Base base) {
    return BaseLogDensity.of(z, logDet, base);
  }
}
