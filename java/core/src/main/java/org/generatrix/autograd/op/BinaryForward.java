// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Binary;
import org.generatrix.binding.Elementwise;
import org.generatrix.binding.Shapes;
import org.generatrix.tensor.Tensor;

/** The forward pass of the functions of two arrays. */
final class BinaryForward {
  private BinaryForward() {}

  static Tensor of(Binary f, Var a, Var b) {
    Tensor y = a.tape().empty(a.dtype(), Shapes.broadcast(a.shape(), b.shape()));
    Elementwise.binary(a.tape().device(), f, a.shape(), b.shape(), a.view(), b.view(), y.view());
    return y;
  }
}
