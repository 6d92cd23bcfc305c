// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import java.util.function.UnaryOperator;
import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Activation;

/**
 * The activations as layers, by names that can stand in a configuration. Behind a {@link Linear} in
 * a {@link Sequential}, those that can are fused into its product. Others, and other parameters,
 * are layers as functions: {@code x -> Functions.elu(x, 0.5)}.
 */
public enum Nonlinearity implements Layer {
  /** The value itself. */
  IDENTITY(x -> x, null),
  TANH(Functions::tanh, Activation.TANH),
  SIGMOID(Functions::sigmoid, Activation.SIGMOID),
  RELU(Functions::relu, Activation.RELU),
  /** 0.01 x below 0. */
  LEAKY_RELU(x -> Functions.leakyRelu(x, 0.01), null),
  /** e^x - 1 below 0. */
  ELU(x -> Functions.elu(x, 1), null),
  SELU(Functions::selu, null),
  SOFTPLUS(Functions::softplus, Activation.SOFTPLUS),
  SOFTSIGN(Functions::softsign, null),
  SILU(Functions::silu, null),
  GELU(Functions::gelu, null);

  private final UnaryOperator<Var> function;
  private final Activation fused;

  Nonlinearity(UnaryOperator<Var> function, Activation fused) {
    this.function = function;
    this.fused = fused;
  }

  @Override
  public Var apply(Var x) {
    return function.apply(x);
  }

  /** The same inside a dense layer, or null if it is not fused. */
  Activation fused() {
    return fused;
  }
}
