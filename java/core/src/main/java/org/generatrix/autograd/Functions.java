// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import org.generatrix.autograd.op.Affine;
import org.generatrix.autograd.op.MatMul;
import org.generatrix.autograd.op.Tanh;
import org.generatrix.binding.Activation;

/**
 * The operations as functions, to be imported statically, so that a model reads like its paper.
 * Each is one line here and one class in {@code autograd.op}, which has its equation, its shapes
 * and its gradient.
 */
public final class Functions {
  private Functions() {}

  // --- elementwise ---

  public static Var tanh(Var x) {
    return Tanh.of(x);
  }

  // --- dense ---

  /** A B, also for each of several matrices. */
  public static Var matmul(Var a, Var b) {
    return MatMul.of(a, b);
  }

  /** op(A) op(B), op(X) = X or its transpose. */
  public static Var matmul(Var a, Var b, boolean transposeA, boolean transposeB) {
    return MatMul.of(a, b, transposeA, transposeB);
  }

  /** x W' + b with W [out, in]; b may be null. */
  public static Var linear(Var x, Var weight, Var b) {
    return Affine.of(x, weight, b, Activation.NONE, 0);
  }

  /** f(x W' + b) in one pass. */
  public static Var linear(Var x, Var weight, Var b, Activation f) {
    return Affine.of(x, weight, b, f, 0);
  }

  /** f(x W' + b; p) in one pass, for the activations that have a parameter. */
  public static Var linear(Var x, Var weight, Var b, Activation f, double p) {
    return Affine.of(x, weight, b, f, p);
  }
}
