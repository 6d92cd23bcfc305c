// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import java.util.IdentityHashMap;
import java.util.Map;
import org.generatrix.tensor.Tensor;

/** The gradients of one backward pass with respect to the variables of a tape, which owns them. */
public final class Gradients {
  private final Map<Tensor, Tensor> byVariable = new IdentityHashMap<>();

  void put(Tensor variable, Tensor gradient) {
    byVariable.put(variable, gradient);
  }

  /**
   * The gradient with respect to a variable, of its shape; null if the result does not depend on
   * it.
   */
  public Tensor of(Tensor variable) {
    return byVariable.get(variable);
  }

  /** As {@link #of(Tensor)}. */
  public Tensor of(Var variable) {
    return of(variable.value());
  }
}
