// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.View;
import org.generatrix.tensor.Shape;
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
    add(g, inputs, made -> kernel.run(dy.view(), made), dy);
  }

  /**
   * For the first inputs of an operation of several outputs.
   *
   * @param kernel writes the gradients; one that is null is not wanted
   * @param flowing the gradients of outputs that it reads, at least one
   */
  static void add(Flow g, int inputs, Consumer<View[]> kernel, Var... flowing) {
    Tape tape = flowing[0].tape();
    View[] views = new View[inputs];
    List<Tensor> tensors = new ArrayList<>();
    Var[] operands = Arrays.copyOf(flowing, flowing.length + inputs);
    for (int i = 0; i < inputs; i++) {
      Var input = g.input(i);
      operands[flowing.length + i] = input;
      if (g.wants(i)) {
        Tensor gradient = tape.empty(input.dtype(), Shape.of(input.value()));
        tensors.add(gradient);
        views[i] = gradient.view();
      }
    }
    kernel.accept(views);
    Var[] made = new FusedGradient().record(tensors.toArray(Tensor[]::new), operands);
    int next = 0;
    for (int i = 0; i < inputs; i++) {
      if (views[i] != null) {
        g.add(i, made[next++]);
      }
    }
  }
}
