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
    if (g.isRecording()) {
      composed(g, g.gradient());
      return;
    }
    FusedGradient.add(
        g,
        2,
        (dw, made) ->
            Norm.weightBackward(
                g.gradient().tape().device(),
                rows,
                units,
                g.input(0).view(),
                g.input(1).view(),
                norms.view(),
                dw,
                made[0],
                made[1]));
  }

  // The same of differentiable operations.
  private void composed(Flow g, Var dw) {
    long[] shape = dw.shape();
    Var v = g.input(0).reshape(rows, units);
    Var slope = dw.reshape(rows, units);
    Var norm = Sqrt.of(Sum.keeping(v.mul(v), 1)); // [rows, 1]
    Var along = Sum.keeping(slope.mul(v), 1).div(norm);
    if (g.wants(0)) {
      Var scale = g.input(1).reshape(rows, 1).div(norm);
      g.add(0, scale.mul(slope.sub(v.mul(along.div(norm)))).reshape(shape));
    }
    if (g.wants(1)) {
      g.add(1, along.reshape(g.input(1).shape()));
    }
  }
}
