// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Linear;
import org.generatrix.binding.View;
import org.generatrix.tensor.Tensor;

/**
 * y = f(x W' + b) for x [.., in], W [out, in], b [out] or none: one call, the activation fused into
 * the product. With dz = dy f'(z), which follows from y: dx = dz W, dW = dz' x, db = the sum of dz
 * over its rows, all in one call; in a pass that is recorded, composed of operations.
 */
public final class Affine extends Op {
  private final Linear.Shape shape;
  private final int inputs; // x, W and perhaps b

  private Affine(Linear.Shape shape, int inputs) {
    this.shape = shape;
    this.inputs = inputs;
  }

  /**
   * @param b null for none
   * @param p of an activation that has a parameter
   */
  public static Var of(Var x, Var weight, Var b, Activation f, double p) {
    long[] in = x.shape();
    long[] w = weight.shape();
    if (in.length == 0 || w.length != 2 || in[in.length - 1] != w[1]) {
      throw new IllegalArgumentException(
          "expected x [.., in] and W [out, in], got %s and %s"
              .formatted(Arrays.toString(in), Arrays.toString(w)));
    }
    if (b != null && (b.shape().length != 1 || b.size() != w[0])) {
      throw new IllegalArgumentException(
          "expected b [%d], got %s".formatted(w[0], Arrays.toString(b.shape())));
    }
    long[] out = in.clone();
    out[out.length - 1] = w[0];
    Linear.Shape shape = new Linear.Shape(MatMul.rows(in), w[1], w[0], f, p);
    Tensor y = x.tape().empty(x.dtype(), out);
    Linear.linear(x.tape().device(), shape, x.view(), weight.view(), view(b), y.view());
    Var[] operands = b == null ? new Var[] {x, weight} : new Var[] {x, weight, b};
    return new Affine(shape, operands.length).record(y, operands);
  }

  private static View view(Var v) {
    return v == null ? null : v.view();
  }

  @Override
  protected void backward(Flow g) {
    if (g.isRecording()) {
      composed(g, g.gradient());
    } else {
      fused(g);
    }
  }

  private void fused(Flow g) {
    Tape tape = g.gradient().tape();
    Tensor[] made = new Tensor[3];
    for (int i = 0; i < inputs; i++) {
      made[i] = g.wants(i) ? tape.empty(g.gradient().dtype(), g.input(i).shape()) : null;
    }
    Linear.linearBackward(
        tape.device(),
        shape,
        g.gradient().view(),
        g.output().view(),
        g.input(0).view(),
        g.input(1).view(),
        view(made[0]),
        view(made[1]),
        view(made[2]));
    for (int i = 0; i < inputs; i++) {
      if (made[i] != null) {
        g.add(i, tape.constant(made[i]));
      }
    }
  }

  private static View view(Tensor t) {
    return t == null ? null : t.view();
  }

  private void composed(Flow g, Var dy) {
    Var dz = ActivationSlope.times(dy, g.output(), shape.activation(), shape.p());
    if (g.wants(0)) {
      g.add(0, MatMul.rowsTimes(dz, g.input(1)));
    }
    if (g.wants(1)) {
      g.add(1, MatMul.overRows(dz, g.input(0)));
    }
    if (inputs == 3 && g.wants(2)) {
      g.add(2, Sum.to(dz, shape.outputs()));
    }
  }
}
