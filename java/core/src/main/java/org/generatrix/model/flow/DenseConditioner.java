// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import static org.generatrix.autograd.Functions.concat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.nn.Initialiser;
import org.generatrix.nn.Linear;
import org.generatrix.nn.Module;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.tensor.DType;

/**
 * A multilayer perceptron of what is kept and of the context beside it, with a linear layer at its
 * end that begins at 0, so that a coupling begins as the identity. Its layers are "0", "1", .. and
 * "last".
 */
public final class DenseConditioner extends Module implements Conditioner {
  private final Nonlinearity activation;
  private final List<Linear> hidden = new ArrayList<>();
  private final Linear last;

  public DenseConditioner(
      Device device,
      long kept,
      long context,
      Nonlinearity activation,
      long outputs,
      long... hidden) {
    this(device, DType.FLOAT32, kept, context, activation, outputs, hidden);
  }

  /**
   * @param kept units of what is kept
   * @param context units, 0 for none
   * @param hidden sizes of the layers before the last
   */
  public DenseConditioner(
      Device device,
      DType dtype,
      long kept,
      long context,
      Nonlinearity activation,
      long outputs,
      long... hidden) {
    this.activation = Objects.requireNonNull(activation, "activation");
    long in = Math.addExact(kept, context);
    for (int i = 0; i < hidden.length; i++) {
      this.hidden.add(
          child(
              String.valueOf(i),
              new Linear(device, dtype, in, hidden[i], true, first(activation))));
      in = hidden[i];
    }
    last = child("last", new Linear(device, dtype, in, outputs, true, Initialiser.zeros()));
  }

  /** He et al. for ReLU, Glorot and Bengio for the others. */
  private static Initialiser first(Nonlinearity activation) {
    return activation == Nonlinearity.RELU ? Initialiser.heUniform() : Initialiser.glorotUniform();
  }

  @Override
  public Var apply(Var kept, Var context) {
    Var h = context == null ? kept : concat(1, kept, context); // [n, kept + context]
    for (Linear layer : hidden) {
      h = layer.apply(h, activation);
    }
    return last.apply(h); // [n, outputs]
  }
}
