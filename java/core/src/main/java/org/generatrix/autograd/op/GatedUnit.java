// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Binary;
import org.generatrix.binding.Elementwise;
import org.generatrix.tensor.Tensor;

/**
 * y = tanh(a) sigmoid(b), the gated unit of PixelCNN (van den Oord et al. 2016, equation 2), of two
 * arrays or of the halves of one along its axis 1, as a convolution makes both. In one pass, as is
 * the gradient da = dy (1 - t^2) s, db = dy t s (1 - s), t and s computed again.
 */
public final class GatedUnit extends Op {
  private final boolean halves;

  private GatedUnit(boolean halves) {
    this.halves = halves;
  }

  /** Of two arrays, repeated by NumPy's rule. */
  public static Var of(Var a, Var b) {
    return new GatedUnit(false).record(BinaryForward.of(Binary.GATED, a, b), a, b);
  }

  /** Of x [rows, 2 C, ..], giving [rows, C, ..]: the first C channels are a, the others b. */
  public static Var ofHalves(Var x) {
    long[] shape = x.shape();
    if (shape.length < 2 || shape[1] % 2 != 0) {
      throw new IllegalArgumentException(
          "expected [rows, an even number of channels, ..], got " + Arrays.toString(shape));
    }
    shape[1] /= 2;
    Tensor y = x.tape().empty(x.dtype(), shape);
    Elementwise.gatedUnit(
        x.tape().device(), shape[0], width(y.size(), shape[0]), x.view(), y.view());
    return new GatedUnit(true).record(y, x);
  }

  private static long width(long size, long rows) {
    return rows == 0 ? 0 : size / rows;
  }

  @Override
  protected void backward(Flow g) {
    if (halves) {
      g.add(0, Gradient.of(g.input(0), g.gradient()));
    } else {
      BinaryGradient.flow(Binary.GATED, g);
    }
  }

  /** It has no gradient of its own. */
  private static final class Gradient extends Op {
    static Var of(Var x, Var dy) {
      long rows = dy.shape()[0];
      Tensor dx = x.tape().empty(x.dtype(), x.shape());
      Elementwise.gatedUnitBackward(
          x.tape().device(), rows, width(dy.size(), rows), x.view(), dy.view(), dx.view());
      return new Gradient().record(dx, x, dy);
    }
  }
}
