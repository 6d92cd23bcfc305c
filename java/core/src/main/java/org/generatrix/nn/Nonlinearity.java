// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import java.util.function.UnaryOperator;
import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Activation;

/**
 * The activations as layers, by names that can stand in a configuration. Behind a {@link Fusible}
 * in a {@link Sequential}, those that can are fused into its product. Others, and other parameters,
 * are layers as functions: {@code x -> Functions.elu(x, 0.5)}.
 */
public enum Nonlinearity implements Layer {
  /** The value itself. */
  IDENTITY(x -> x, null),
  TANH(Functions::tanh, Activation.TANH),
  SIGMOID(Functions::sigmoid, Activation.SIGMOID),
  RELU(Functions::relu, Activation.RELU),
  /** 0.01 x below 0. */
  LEAKY_RELU(x -> Functions.leakyRelu(x, 0.01), Activation.LEAKY_RELU, 0.01),
  /** e^x - 1 below 0. */
  ELU(x -> Functions.elu(x, 1), Activation.ELU, 1),
  SELU(Functions::selu, null),
  SOFTPLUS(Functions::softplus, Activation.SOFTPLUS),
  SOFTSIGN(Functions::softsign, null),
  SILU(Functions::silu, null),
  GELU(Functions::gelu, null);

  private final UnaryOperator<Var> function;
  private final Activation fused;
  private final double p;

  Nonlinearity(UnaryOperator<Var> function, Activation fused) {
    this(function, fused, 0);
  }

  Nonlinearity(UnaryOperator<Var> function, Activation fused, double p) {
    this.function = function;
    this.fused = fused;
    this.p = p;
  }

  @Override
  public Var apply(Var x) {
    return function.apply(x);
  }

  /** f of what a layer makes of x, fused into it where its kernel can. */
  public Var after(Fusible layer, Var x) {
    return fused == null ? function.apply(layer.apply(x)) : layer.apply(x, fused, p);
  }
}
