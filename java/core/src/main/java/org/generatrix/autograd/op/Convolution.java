// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Conv;
import org.generatrix.binding.View;
import org.generatrix.tensor.Shape;
import org.generatrix.tensor.Tensor;

/**
 * y = f(conv(x, W) + b), plain or transposed, over one to three axes: one call, with the
 * activation.
 *
 * <p>x is [N, C, L], [N, C, H, W] or [N, C, D, H, W]; W [out, C / groups, kernel], of a transposed
 * convolution [C, out / groups, kernel]; b [out] or none. Sizes are those of torch.nn.Conv* and
 * ConvTranspose*; taps that a mask leaves out are not computed.
 *
 * <p>With dz = dy f'(z), which follows from y and is one call with db: dx is the convolution the
 * other way round of dz with W, dW is {@link ConvWeightGradient}. Both are operations, so that the
 * family is closed under differentiation.
 */
public final class Convolution extends Op {
  private final Conv.Shape s;
  private final PackedWeights packed; // or null
  private final int operands; // x, W and perhaps b

  private Convolution(Conv.Shape s, PackedWeights packed, int operands) {
    this.s = s;
    this.packed = packed;
    this.operands = operands;
  }

  /**
   * A convolution, or with {@code transposed} the transpose of one.
   *
   * @param b null for none
   * @param p of an activation that has a parameter
   * @param packed of W's tensor; null to pack it anew in each call
   */
  public static Var of(
      Var x,
      Var weight,
      Var b,
      Window w,
      TapMask m,
      boolean transposed,
      Activation f,
      double p,
      PackedWeights packed) {
    long[] in = x.shape();
    long[] shape = weight.shape();
    boolean fits = shape.length == w.axes() + 2 && in.length >= 2;
    long out = fits ? transposed ? shape[1] * w.groups() : shape[0] : 1;
    Conv.Shape s = ConvShapes.of(x, out, w, m, transposed, f, p);
    if (!fits || !Arrays.equals(shape, ConvShapes.weight(s, w.axes()))) {
      throw new IllegalArgumentException(
          "expected W [%s, %s] for %d channels in groups of %d, got %s"
              .formatted(
                  transposed ? "channels, out / groups" : "out, channels / groups",
                  list(w),
                  s.inChannels(),
                  s.inChannels() / w.groups(),
                  Arrays.toString(shape)));
    }
    if (b != null && (b.shape().length != 1 || b.size() != out)) {
      throw new IllegalArgumentException(
          "expected b [%d], got %s".formatted(out, Arrays.toString(b.shape())));
    }
    return of(s, x, weight, b, packed);
  }

  private static String list(Window w) {
    String kernel = w.kernel().toString();
    return kernel.substring(1, kernel.length() - 1);
  }

  static Var of(Conv.Shape s, Var x, Var weight, Var b, PackedWeights packed) {
    int axes = Shape.of(x.value()).length - 2;
    Tape tape = x.tape();
    Tensor y =
        tape.empty(x.dtype(), ConvShapes.array(axes, s.batch(), s.outChannels(), Conv.outSize(s)));
    Conv.conv(
        tape.device(),
        s,
        x.view(),
        weight.view(),
        b == null ? null : b.view(),
        packed == null ? null : packed.of(s, weight),
        y.view());
    Var[] operands = b == null ? new Var[] {x, weight} : new Var[] {x, weight, b};
    return new Convolution(s, packed, operands.length).record(y, operands);
  }

  /** dx of a linear convolution of an x of that shape, given dz. */
  static Var inputGradient(Conv.Shape s, Var dz, Var weight, PackedWeights packed, long... shape) {
    Var dx = of(ConvShapes.flipped(s, Conv.outSize(s)), dz, weight, null, packed);
    for (int axis = 2; axis < shape.length; axis++) {
      if (Shape.of(dx.value())[axis] > shape[axis]) {
        dx = Slice.narrow(dx, axis, 0, shape[axis]);
      }
    }
    return dx;
  }

  @Override
  protected void backward(Flow g) {
    boolean wantsBias = operands == 3 && g.wants(2);
    Var dz = g.isRecording() ? composed(g, wantsBias) : fused(g, wantsBias);
    if (g.wants(0)) {
      g.add(0, inputGradient(s, dz, g.input(1), packed, Shape.of(g.input(0).value())));
    }
    if (g.wants(1)) {
      g.add(1, ConvWeightGradient.of(s, g.input(0), dz));
    }
  }

  // dz, and adds db.
  private Var composed(Flow g, boolean wantsBias) {
    Var dz = ActivationSlope.times(g.gradient(), g.output(), s.activation(), s.p());
    if (wantsBias) {
      int rank = Shape.of(dz.value()).length;
      g.add(2, Sum.of(dz, IntStream.range(0, rank).filter(axis -> axis != 1).toArray()));
    }
    return dz;
  }

  private Var fused(Flow g, boolean wantsBias) {
    Var dy = g.gradient();
    boolean bends = s.activation() != Activation.NONE && (g.wants(0) || g.wants(1));
    if (!bends && !wantsBias) {
      return dy;
    }
    Tape tape = dy.tape();
    Tensor dz = bends ? tape.empty(dy.dtype(), dy.shape()) : null;
    Tensor db = wantsBias ? tape.empty(dy.dtype(), s.outChannels()) : null;
    long[] shape = Shape.of(dy.value());
    long pixels = Shape.size(shape, 2, shape.length);
    Conv.biasGradient(
        tape.device(),
        new Conv.Bias(s.batch(), s.outChannels(), pixels, s.activation(), s.p()),
        dy.view(),
        s.activation() == Activation.NONE ? null : g.output().view(),
        view(dz),
        view(db));
    if (wantsBias) {
      g.add(2, tape.constant(db));
    }
    return bends ? tape.constant(dz) : dy;
  }

  private static View view(Tensor t) {
    return t == null ? null : t.view();
  }
}
