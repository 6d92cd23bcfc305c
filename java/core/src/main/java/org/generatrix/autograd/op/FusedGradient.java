// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.ArrayList;
import java.util.List;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.View;
import org.generatrix.tensor.Tensor;

/** The gradients of an operation by one native call. They have no gradients of their own. */
final class FusedGradient extends Op {
  /** Writes the gradients; one that is null is not wanted. */
  interface Kernel {
    void run(View dy, View... gradients);
  }

  /** For the inputs of g's operation, which has one output. */
  static void add(Flow g, int inputs, Kernel kernel) {
    Var dy = g.gradient();
    View[] views = new View[inputs];
    List<Tensor> tensors = new ArrayList<>();
    Var[] operands = new Var[inputs + 1];
    operands[inputs] = dy;
    for (int i = 0; i < inputs; i++) {
      operands[i] = g.input(i);
      if (g.wants(i)) {
        Tensor gradient = dy.tape().empty(dy.dtype(), g.input(i).shape());
        tensors.add(gradient);
        views[i] = gradient.view();
      }
    }
    kernel.run(dy.view(), views);
    Var[] made = new FusedGradient().record(tensors.toArray(Tensor[]::new), operands);
    int next = 0;
    for (int i = 0; i < inputs; i++) {
      if (views[i] != null) {
        g.add(i, made[next++]);
      }
    }
  }
}
