// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;

/**
 * A multilayer perceptron, every layer with the activation: h_1 = f(x W_1' + b_1), h_2 = f(h_1 W_2'
 * + b_2), .. Without layers it is the identity. Its layers are named "0", "1", ..
 */
public final class Mlp extends Module implements Layer {
  private final Nonlinearity activation;
  private final List<Linear> layers = new ArrayList<>();
  private final long outputs;

  /**
   * Layers of the given sizes, initialised as {@link Linear} is.
   *
   * @param inputs size of x
   * @param sizes of the layers; none for the identity
   */
  public Mlp(Device device, long inputs, Nonlinearity activation, long... sizes) {
    this.activation = Objects.requireNonNull(activation, "activation");
    long in = inputs;
    for (int i = 0; i < sizes.length; i++) {
      layers.add(child(String.valueOf(i), new Linear(device, in, sizes[i])));
      in = sizes[i];
    }
    outputs = in;
  }

  /** The size of what it computes. */
  public long outputs() {
    return outputs;
  }

  @Override
  public Var apply(Var x) {
    for (Linear layer : layers) {
      x = layer.apply(x, activation);
    }
    return x;
  }
}
