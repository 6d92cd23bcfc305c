// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import org.generatrix.autograd.op.Tanh;

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
}
