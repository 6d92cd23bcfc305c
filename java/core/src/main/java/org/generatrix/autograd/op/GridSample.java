// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Resample;
import org.generatrix.tensor.Tensor;

/**
 * y[n, c, i, j] = x[n, c] at grid[n, i, j], bilinear, with zeros outside (Jaderberg et al. 2015,
 * equation 5). It has gradients of x and of the grid, and no second ones.
 */
public final class GridSample extends Op {
  private final Resample.GridSample p;

  private GridSample(Resample.GridSample p) {
    this.p = p;
  }

  /**
   * Samples each picture along its grid.
   *
   * @param x [batch, channels, height, width]
   * @param grid [batch, outHeight, outWidth, 2] of x and y; NaN is outside
   * @param alignCorners as of the grid
   */
  public static Var of(Var x, Var grid, boolean alignCorners) {
    Pictures in = Pictures.of("x", x).flat("sampling along a grid");
    long[] points = grid.shape();
    if (points.length != 4 || points[0] != in.batch() || points[3] != 2) {
      throw new IllegalArgumentException(
          "expected a grid [%d, height, width, 2], got %s"
              .formatted(in.batch(), Arrays.toString(points)));
    }
    Resample.GridSample p =
        new Resample.GridSample(
            in.batch(), in.channels(), in.height(), in.width(), points[1], points[2], alignCorners);
    Tensor y = x.tape().empty(x.dtype(), in.shape(in.channels(), points[1], points[2]));
    Resample.gridSample(x.tape().device(), p, x.view(), grid.view(), y.view());
    return new GridSample(p).record(y, x, grid);
  }

  @Override
  protected void backward(Flow g) {
    FusedGradient.add(
        g,
        2,
        (dy, d) ->
            Resample.gridSampleBackward(
                g.gradient().tape().device(),
                p,
                g.input(0).view(),
                g.input(1).view(),
                dy,
                d[0],
                d[1]));
  }
}
