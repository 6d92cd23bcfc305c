// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * y = x W' + b with W_r = g_r v_r / |v_r| (Salimans and Kingma 2016): "weight_g" [out, 1],
 * "weight_v" [out, in] and "bias" [out], named as in PyTorch. v begins as {@link
 * Initialiser#glorotUniform}, g at the length that its rows have in the mean, biases at 0.
 */
public final class WeightNormLinear extends Module implements Layer {
  private final Tensor g; // [out, 1]
  private final Tensor v; // [out, in]
  private final Tensor bias; // [out] or null

  public WeightNormLinear(Device device, long in, long out) {
    this(device, DType.FLOAT32, in, out, true);
  }

  public WeightNormLinear(Device device, DType dtype, long in, long out, boolean withBias) {
    if (in < 1 || out < 1) {
      throw new IllegalArgumentException(
          "expected sizes of at least 1, got " + in + " inputs and " + out + " outputs");
    }
    double length =
        Math.sqrt(2.0 * in / (in + out)); // the elements of v have variance 2 / (in + out)
    g = parameter("weight_g", Tensor.zeros(device, dtype, out, 1), Initialiser.constant(length));
    v = parameter("weight_v", Tensor.zeros(device, dtype, out, in), Initialiser.glorotUniform());
    bias =
        withBias ? parameter("bias", Tensor.zeros(device, dtype, out), Initialiser.zeros()) : null;
  }

  /** W [out, in] of this moment. */
  public Var weight(Tape tape) {
    return Functions.weightNorm(tape.variable(v), tape.variable(g));
  }

  @Override
  public Var apply(Var x) {
    return Functions.linear(x, weight(x.tape()), bias == null ? null : x.tape().variable(bias));
  }
}
