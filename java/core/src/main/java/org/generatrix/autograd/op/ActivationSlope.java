// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Elementwise;
import org.generatrix.binding.Unary;
import org.generatrix.binding.View;
import org.generatrix.tensor.Tensor;

/** f'(z) of a fused activation as a function of y = f(z), composed of operations. */
final class ActivationSlope {
  private ActivationSlope() {}

  /** dz = dy f'(z). */
  static Var times(Var dy, Var y, Activation f, double p) {
    return f == Activation.NONE ? dy : dy.mul(of(y, f, p));
  }

  private static Var of(Var y, Activation f, double p) {
    return switch (f) {
      case TANH -> y.mul(y).neg().add(1);
      case SIGMOID -> y.mul(y.neg().add(1));
      case RELU -> positive(y);
      case LEAKY_RELU -> positive(y).mul(1 - p).add(p);
      case ELU -> {
        Var above = positive(y);
        yield above.add(above.neg().add(1).mul(y.add(p)));
      }
      case SOFTPLUS -> Exp.of(y.neg()).neg().add(1);
      case NONE -> throw new AssertionError();
    };
  }

  /** A constant: 1 where y > 0, else 0. */
  private static Var positive(Var y) {
    Tape tape = y.tape();
    Tensor mask = tape.empty(y.dtype(), y.shape());
    Elementwise.unaryBackward(tape.device(), Unary.RELU, 0, null, y.view(), ones(y), mask.view());
    return tape.constant(mask);
  }

  private static View ones(Var like) {
    return like.detach().mul(0).add(1).view();
  }
}
