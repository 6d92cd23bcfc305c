// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import java.util.Objects;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.View;
import org.generatrix.tensor.Tensor;

/** The gradients of a normalisation, made in one call. They have no gradients of their own. */
final class NormGradient extends Op {
  private final Tensor[] made; // for each input, null where it is not wanted

  /** Makes room for the gradient of each input that is wanted. */
  NormGradient(Flow g, int inputs) {
    made = new Tensor[inputs];
    for (int i = 0; i < inputs; i++) {
      made[i] =
          g.wants(i) ? g.gradient().tape().empty(g.gradient().dtype(), g.input(i).shape()) : null;
    }
  }

  /** The gradient of an input, or null; so is that of input -1, which is none. */
  View view(int i) {
    return i < 0 || made[i] == null ? null : made[i].view();
  }

  /** The room is filled. */
  void addTo(Flow g) {
    Var[] inputs = new Var[made.length + 1];
    for (int i = 0; i < made.length; i++) {
      inputs[i] = g.input(i);
    }
    inputs[made.length] = g.gradient();
    Var[] gradients =
        record(Arrays.stream(made).filter(Objects::nonNull).toArray(Tensor[]::new), inputs);
    int next = 0;
    for (int i = 0; i < made.length; i++) {
      if (made[i] != null) {
        g.add(i, gradients[next++]);
      }
    }
  }
}
