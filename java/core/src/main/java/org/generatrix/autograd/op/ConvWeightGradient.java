// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Conv;
import org.generatrix.tensor.Shape;
import org.generatrix.tensor.Tensor;

/**
 * dW = the gradient of sum(dz conv(x, W)) with respect to W: linear in x and in dz. With V the
 * gradient of dW, the gradient of x is that of a convolution with V, given dz, and that of dz is
 * conv(x, V).
 */
public final class ConvWeightGradient extends Op {
  private final Conv.Shape s;

  private ConvWeightGradient(Conv.Shape s) {
    this.s = s;
  }

  /** Of a convolution, or with {@code transposed} of the transpose of one; dz is shaped like y. */
  public static Var of(Var x, Var dz, Window w, TapMask m, boolean transposed) {
    long[] shape = dz.shape();
    long out = shape.length < 2 ? 1 : shape[1];
    Conv.Shape s = ConvShapes.of(x, out, w, m, transposed, Activation.NONE, 0);
    long[] expected = ConvShapes.array(w.axes(), s.batch(), out, Conv.outSize(s));
    if (!Arrays.equals(shape, expected)) {
      throw new IllegalArgumentException(
          "expected dz %s, got %s".formatted(Arrays.toString(expected), Arrays.toString(shape)));
    }
    return of(s, x, dz);
  }

  static Var of(Conv.Shape s, Var x, Var dz) {
    int axes = Shape.of(x.value()).length - 2;
    Tensor dw = x.tape().empty(x.dtype(), ConvShapes.weight(s, axes));
    Conv.weightGradient(x.tape().device(), s, x.view(), dz.view(), dw.view());
    return new ConvWeightGradient(ConvShapes.linear(s)).record(dw, x, dz);
  }

  @Override
  protected void backward(Flow g) {
    Var x = g.input(0);
    Var dz = g.input(1);
    Var v = g.gradient();
    if (g.wants(0)) {
      g.add(0, Convolution.inputGradient(s, dz, v, null, Shape.of(x.value())));
    }
    if (g.wants(1)) {
      g.add(1, Convolution.of(s, x, v, null, null));
    }
  }
}
