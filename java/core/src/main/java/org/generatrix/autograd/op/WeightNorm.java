// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Norm;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * w_r = g_r v_r / |v_r| for v [out, ..], a row r all of v for one output, and g [out] or [out, 1,
 * ..] (Salimans and Kingma 2016, eq. 2-3).
 */
public final class WeightNorm extends Op {
  private final long rows;
  private final long units;
  private final Tensor norms; // float64 [out]

  private WeightNorm(long rows, long units, Tensor norms) {
    this.rows = rows;
    this.units = units;
    this.norms = norms;
  }

  public static Var of(Var v, Var g) {
    long[] shape = v.shape();
    if (shape.length == 0 || v.size() == 0) {
      throw new IllegalArgumentException(
          "expected v [out, ..] with elements, got " + Arrays.toString(shape));
    }
    if (g.size() != shape[0] || g.shape().length == 0 || g.shape()[0] != shape[0]) {
      throw new IllegalArgumentException(
          "expected g [%d] or [%d, 1, ..], got %s"
              .formatted(shape[0], shape[0], Arrays.toString(g.shape())));
    }
    long units = v.size() / shape[0];
    Tensor norms = v.tape().empty(DType.FLOAT64, shape[0]);
    Tensor w = v.tape().empty(v.dtype(), shape);
    Norm.weight(v.tape().device(), shape[0], units, v.view(), g.view(), w.view(), norms.view());
    return new WeightNorm(shape[0], units, norms).record(w, v, g);
  }

  @Override
  protected void backward(Flow g) {
    NormGradient gradient = new NormGradient(g, 2);
    Norm.weightBackward(
        g.gradient().tape().device(),
        rows,
        units,
        g.input(0).view(),
        g.input(1).view(),
        norms.view(),
        g.gradient().view(),
        gradient.view(0),
        gradient.view(1));
    gradient.addTo(g);
  }
}
