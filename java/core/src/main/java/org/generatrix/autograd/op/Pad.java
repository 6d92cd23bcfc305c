// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Resample;
import org.generatrix.binding.Resample.Padding;
import org.generatrix.tensor.Shape;
import org.generatrix.tensor.Tensor;

/**
 * A frame of zeros or of the mirrored picture around each picture. A linear map, whose gradient is
 * its adjoint and the other way round.
 */
public final class Pad extends Op {
  private final Resample.Pad p;

  private Pad(Resample.Pad p) {
    this.p = p;
  }

  /**
   * So many rows and columns on each side, at least 0.
   *
   * @param x [batch, channels, height, width], or [batch, channels, length] with top and bottom 0
   */
  public static Var of(Var x, Padding kind, long top, long bottom, long left, long right) {
    Pictures in = Pictures.of("x", x);
    if (Math.min(Math.min(top, bottom), Math.min(left, right)) < 0
        || in.line() && (top != 0 || bottom != 0)) {
      throw new IllegalArgumentException(
          "expected padding of at least 0%s, got top %d, bottom %d, left %d, right %d"
              .formatted(
                  in.line() ? " and none above and below a line" : "", top, bottom, left, right));
    }
    Resample.Pad p =
        new Resample.Pad(
            in.planes(), in.height(), in.width(), top, bottom, left, right, kind, false);
    return of(x, p, in.shape(in.channels(), top + in.height() + bottom, left + in.width() + right));
  }

  private static Var of(Var x, Resample.Pad p, long... shape) {
    Tensor y = x.tape().empty(x.dtype(), shape);
    Resample.pad(x.tape().device(), p, x.view(), y.view());
    return new Pad(p).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    g.add(0, of(g.gradient(), p.back(), Shape.of(g.input(0).value())));
  }
}
