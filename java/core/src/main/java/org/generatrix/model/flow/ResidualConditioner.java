// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import static org.generatrix.autograd.Functions.concat;
import static org.generatrix.autograd.Functions.relu;

import java.util.ArrayList;
import java.util.List;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.nn.Initialiser;
import org.generatrix.nn.Linear;
import org.generatrix.nn.Module;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.tensor.DType;

/**
 * A residual network of what is kept and of the context beside it: h = W x + b, then blocks h = h +
 * W relu(W relu(h) + b) + b, and a linear layer that begins at 0 (as Durkan et al. 2019 use it,
 * without its norms).
 */
public final class ResidualConditioner extends Module implements Conditioner {
  private record Block(Linear first, Linear second) {}

  private final Linear in;
  private final List<Block> blocks = new ArrayList<>();
  private final Linear last;

  /**
   * @param kept units of what is kept
   * @param context units, 0 for none
   * @param width of the hidden layers
   */
  public ResidualConditioner(
      Device device, long kept, long context, long width, int blocks, long outputs) {
    in = child("in", new Linear(device, Math.addExact(kept, context), width));
    for (int i = 0; i < blocks; i++) {
      this.blocks.add(
          new Block(
              child("block" + i + "_0", new Linear(device, width, width)),
              child("block" + i + "_1", new Linear(device, width, width))));
    }
    last =
        child("last", new Linear(device, DType.FLOAT32, width, outputs, true, Initialiser.zeros()));
  }

  @Override
  public Var apply(Var kept, Var context) {
    Var h = in.apply(context == null ? kept : concat(1, kept, context)); // [n, width]
    for (Block block : blocks) {
      h = h.add(block.second().apply(block.first().apply(relu(h), Nonlinearity.RELU)));
    }
    return last.apply(relu(h)); // [n, outputs]
  }
}
