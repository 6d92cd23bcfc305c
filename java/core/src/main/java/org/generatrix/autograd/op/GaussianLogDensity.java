// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Extent;
import org.generatrix.binding.Loss;
import org.generatrix.tensor.Tensor;

/**
 * y[r] = sum_i -(log 2 pi + v + (x - m)^2 e^-v) / 2: log N(x; mean m, variance e^v), in nats. x is
 * [rows, ..]; mean and log-variance have its shape, or that of one row, or one element for all. dx
 * = -dm = -dy (x - m) e^-v, dv = dy ((x - m)^2 e^-v - 1) / 2, summed over what shares it.
 */
public final class GaussianLogDensity extends Op {
  private final Extent mean;
  private final Extent logvar;

  private GaussianLogDensity(Extent mean, Extent logvar) {
    this.mean = mean;
    this.logvar = logvar;
  }

  public static Var of(Var x, Var mean, Var logvar) {
    long rows = Batch.rows("x", x);
    Extent meanExtent = extent("mean", mean, x);
    Extent logvarExtent = extent("logvar", logvar, x);
    Tensor y = x.tape().empty(x.dtype(), rows);
    Loss.gaussianLogDensity(
        x.tape().device(),
        rows,
        Batch.units(x),
        meanExtent,
        logvarExtent,
        x.view(),
        mean.view(),
        logvar.view(),
        y.view());
    return new GaussianLogDensity(meanExtent, logvarExtent).record(y, x, mean, logvar);
  }

  private static Extent extent(String name, Var p, Var x) {
    long[] shape = x.shape();
    long[] row = Arrays.copyOfRange(shape, 1, shape.length);
    if (Arrays.equals(p.shape(), shape)) {
      return Extent.EACH;
    }
    if (Arrays.equals(p.shape(), row)) {
      return row.length == 0 ? Extent.SHARED : Extent.PER_UNIT;
    }
    if (p.size() == 1) {
      return Extent.SHARED;
    }
    throw Batch.shape(
        name, Arrays.toString(shape) + " or " + Arrays.toString(row) + " or of one element", p);
  }

  @Override
  protected void backward(Flow g) {
    Var x = g.input(0);
    FusedGradient.add(
        g,
        3,
        (dy, d) ->
            Loss.gaussianLogDensityBackward(
                x.tape().device(),
                x.shape()[0],
                Batch.units(x),
                mean,
                logvar,
                x.view(),
                g.input(1).view(),
                g.input(2).view(),
                dy,
                d[0],
                d[1],
                d[2]));
  }
}
