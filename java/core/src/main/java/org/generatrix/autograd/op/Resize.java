// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Resample;
import org.generatrix.binding.Resample.Resizing;
import org.generatrix.tensor.Shape;
import org.generatrix.tensor.Tensor;

/**
 * Pictures of another size: by nearest neighbours, by linear interpolation, or each value in the
 * upper left corner of its block; with {@code summed} channels added up into one. A linear map,
 * whose gradient is its adjoint and the other way round. The equations are in resample.h.
 */
public final class Resize extends Op {
  private final Resample.Resize p;

  private Resize(Resample.Resize p) {
    this.p = p;
  }

  /** Each size times a factor. */
  public static Var by(Var x, Resizing kind, long factor, long summed) {
    if (factor < 1) {
      throw new IllegalArgumentException("expected a factor of at least 1, got " + factor);
    }
    Pictures in = Pictures.of("x", x);
    long height = in.line() ? 1 : Math.multiplyExact(in.height(), factor);
    return to(x, kind, height, Math.multiplyExact(in.width(), factor), summed);
  }

  /**
   * To a given size.
   *
   * @param x [batch, channels, height, width], or [batch, channels, length] with a height of 1
   * @param summed divides the channels
   */
  public static Var to(Var x, Resizing kind, long height, long width, long summed) {
    Pictures in = Pictures.of("x", x);
    if (height < 1 || width < 1 || in.line() && height != 1) {
      throw new IllegalArgumentException(
          "expected sizes of at least 1%s, got %d x %d"
              .formatted(in.line() ? " and a height of 1" : "", height, width));
    }
    if (summed < 1 || in.channels() % summed != 0) {
      throw new IllegalArgumentException(
          "expected channels that are a multiple of %d, got %d".formatted(summed, in.channels()));
    }
    long channels = in.channels() / summed;
    Resample.Resize p =
        new Resample.Resize(
            in.batch(), channels, in.height(), in.width(), height, width, summed, kind, false);
    return of(x, p, in.shape(channels, height, width));
  }

  private static Var of(Var x, Resample.Resize p, long... shape) {
    Tensor y = x.tape().empty(x.dtype(), shape);
    Resample.resize(x.tape().device(), p, x.view(), y.view());
    return new Resize(p).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    g.add(0, of(g.gradient(), p.back(), Shape.of(g.input(0).value())));
  }
}
