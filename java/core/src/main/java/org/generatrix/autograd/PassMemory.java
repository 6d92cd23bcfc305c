// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.generatrix.binding.DeviceBuffer;
import org.generatrix.tensor.Tensor;

/**
 * What a backward pass allocates, freed as soon as no gradient that is still to be used lies in it:
 * otherwise the gradients of all intermediate values would stay until the tape closes.
 */
final class PassMemory {
  private static final class Holding {
    final Tensor owner;
    int gradients; // that lie in it

    Holding(Tensor owner) {
      this.owner = owner;
    }
  }

  private final Map<DeviceBuffer, Holding> holdings = new IdentityHashMap<>();
  private final List<Tensor> fresh = new ArrayList<>(); // of the operation at hand

  void allocated(Tensor tensor) {
    holdings.put(tensor.view().buffer(), new Holding(tensor));
    fresh.add(tensor);
  }

  /** A gradient is kept. */
  void keep(Var gradient) {
    Holding holding = holdings.get(gradient.view().buffer());
    if (holding != null) {
      holding.gradients++;
    }
  }

  /** Whether the memory of a kept gradient is this pass's own and nothing else lies in it. */
  boolean isAlone(Var gradient) {
    Holding holding = holdings.get(gradient.view().buffer());
    return holding != null && holding.gradients == 1 && holding.owner.size() == gradient.size();
  }

  /** A gradient that was kept has been used. */
  void drop(Var gradient) {
    Holding holding = holdings.get(gradient.view().buffer());
    if (holding != null && --holding.gradients == 0) {
      free(holding);
    }
  }

  /** The operation at hand is done: what it made beside gradients goes. */
  void done() {
    for (Tensor tensor : fresh) {
      Holding holding = holdings.get(tensor.view().buffer());
      if (holding != null && holding.gradients == 0) {
        free(holding);
      }
    }
    fresh.clear();
  }

  private void free(Holding holding) {
    holdings.remove(holding.owner.view().buffer());
    holding.owner.close();
  }
}
