// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Resample;
import org.generatrix.tensor.Shape;
import org.generatrix.tensor.Tensor;

/**
 * grid[n, i, j] = theta[n] (x_j, y_i, 1)', the points that an affine map of the picture's
 * coordinates looks at (Jaderberg et al. 2015, equation 1). Linear in theta.
 */
public final class AffineGrid extends Op {
  private final Resample.AffineGrid p;

  private AffineGrid(Resample.AffineGrid p) {
    this.p = p;
  }

  /**
   * [batch, height, width, 2] of x and y from -1 to 1.
   *
   * @param theta [batch, 2, 3]
   * @param alignCorners -1 and 1 are the centres of the outermost pixels, else their outer edges
   */
  public static Var of(Var theta, long height, long width, boolean alignCorners) {
    long[] shape = theta.shape();
    if (shape.length != 3 || shape[1] != 2 || shape[2] != 3) {
      throw new IllegalArgumentException(
          "expected theta [batch, 2, 3], got " + Arrays.toString(shape));
    }
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "expected sizes of at least 1, got %d x %d".formatted(height, width));
    }
    return of(
        theta,
        new Resample.AffineGrid(shape[0], height, width, alignCorners, false),
        shape[0],
        height,
        width,
        2);
  }

  private static Var of(Var from, Resample.AffineGrid p, long... shape) {
    Tensor to = from.tape().empty(from.dtype(), shape);
    Resample.affineGrid(from.tape().device(), p, from.view(), to.view());
    return new AffineGrid(p).record(to, from);
  }

  @Override
  protected void backward(Flow g) {
    g.add(0, of(g.gradient(), p.back(), Shape.of(g.input(0).value())));
  }
}
