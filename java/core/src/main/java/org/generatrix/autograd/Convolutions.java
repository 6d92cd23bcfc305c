// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import org.generatrix.autograd.op.ConvWeightGradient;
import org.generatrix.autograd.op.Convolution;
import org.generatrix.autograd.op.PackedWeights;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Activation;

/**
 * Convolutions as functions, to be imported statically like {@link Functions}. x is [N, C, L], [N,
 * C, H, W] or [N, C, D, H, W]; the shapes of W and the sizes of the result are those of
 * torch.nn.Conv* and ConvTranspose*.
 */
public final class Convolutions {
  private Convolutions() {}

  /**
   * conv(x, W) + b.
   *
   * @param weight [out, C / groups, kernel]
   * @param b [out] or null
   */
  public static Var conv(Var x, Var weight, Var b, Window w) {
    return conv(x, weight, b, w, TapMask.all(), Activation.NONE, 0);
  }

  public static Var conv(Var x, Var weight, Var b, Window w, TapMask m) {
    return conv(x, weight, b, w, m, Activation.NONE, 0);
  }

  public static Var conv(Var x, Var weight, Var b, Window w, Activation f, double p) {
    return conv(x, weight, b, w, TapMask.all(), f, p);
  }

  /** f(conv(x, W) + b), over the live taps alone. */
  public static Var conv(Var x, Var weight, Var b, Window w, TapMask m, Activation f, double p) {
    return conv(x, weight, b, w, m, f, p, null);
  }

  /**
   * The same for weights that stay for a while.
   *
   * @param packed of W's tensor, or null
   */
  public static Var conv(
      Var x, Var weight, Var b, Window w, TapMask m, Activation f, double p, PackedWeights packed) {
    return Convolution.of(x, weight, b, w, m, false, f, p, packed);
  }

  /**
   * conv'(x, W) + b, the adjoint of the convolution with the same W.
   *
   * @param weight [C, out / groups, kernel]
   * @param b [out] or null
   */
  public static Var convTranspose(Var x, Var weight, Var b, Window w) {
    return convTranspose(x, weight, b, w, TapMask.all(), Activation.NONE, 0);
  }

  public static Var convTranspose(Var x, Var weight, Var b, Window w, TapMask m) {
    return convTranspose(x, weight, b, w, m, Activation.NONE, 0);
  }

  public static Var convTranspose(Var x, Var weight, Var b, Window w, Activation f, double p) {
    return convTranspose(x, weight, b, w, TapMask.all(), f, p);
  }

  /** f(conv'(x, W) + b), over the live taps alone. */
  public static Var convTranspose(
      Var x, Var weight, Var b, Window w, TapMask m, Activation f, double p) {
    return convTranspose(x, weight, b, w, m, f, p, null);
  }

  /**
   * The same for weights that stay for a while.
   *
   * @param packed of W's tensor, or null
   */
  public static Var convTranspose(
      Var x, Var weight, Var b, Window w, TapMask m, Activation f, double p, PackedWeights packed) {
    return Convolution.of(x, weight, b, w, m, true, f, p, packed);
  }

  /**
   * The gradient of sum(dz conv(x, W)) with respect to W.
   *
   * @param dz shaped like the result
   */
  public static Var convWeightGradient(Var x, Var dz, Window w, TapMask m) {
    return ConvWeightGradient.of(x, dz, w, m, false);
  }

  /** The same of a transposed convolution. */
  public static Var convTransposeWeightGradient(Var x, Var dz, Window w, TapMask m) {
    return ConvWeightGradient.of(x, dz, w, m, true);
  }
}
