// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * y = x W' + b for x [.., in], with "weight" W [out, in] and "bias" b [out], as in PyTorch. Weights
 * begin as {@link Initialiser#glorotUniform}, biases at 0.
 */
public final class Linear extends Module implements Fusible {
  private final Tensor weight; // [out, in]
  private final Tensor bias; // [out] or null

  public Linear(Device device, long in, long out) {
    this(device, DType.FLOAT32, in, out, true, Initialiser.glorotUniform());
  }

  public Linear(
      Device device, DType dtype, long in, long out, boolean withBias, Initialiser initialiser) {
    if (in < 1 || out < 1) {
      throw new IllegalArgumentException(
          "expected sizes of at least 1, got " + in + " inputs and " + out + " outputs");
    }
    weight = parameter("weight", Tensor.zeros(device, dtype, out, in), initialiser);
    bias =
        withBias ? parameter("bias", Tensor.zeros(device, dtype, out), Initialiser.zeros()) : null;
  }

  /** W [out, in]; this layer's own. */
  public Tensor weight() {
    return weight;
  }

  /** b [out], or null; this layer's own. */
  public Tensor bias() {
    return bias;
  }

  /** f(x W' + b), the activation fused into the product. */
  public Var apply(Var x, Activation f) {
    return apply(x, f, 0);
  }

  @Override
  public Var apply(Var x, Activation f, double p) {
    Tape tape = x.tape();
    return Functions.linear(
        x, tape.variable(weight), bias == null ? null : tape.variable(bias), f, p);
  }
}
