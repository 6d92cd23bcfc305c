// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import java.util.Arrays;
import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * A recurrent cell over sequences x [T, B, in], whose gradient goes back through all steps. Names
 * and layout of the parameters are PyTorch's: "weight_ih" [gates U, in], "weight_hh" [gates U, U],
 * "bias_ih" and "bias_hh" [gates U], all uniform in +-1 / sqrt(U) at first.
 */
public abstract class RecurrentLayer extends Module implements Layer {
  private final long inputs;
  private final long units;
  private final Tensor weightInput;
  private final Tensor weightState;
  private final Tensor biasInput;
  private final Tensor biasState;

  RecurrentLayer(Device device, DType dtype, int gates, long inputs, long units) {
    if (inputs < 1 || units < 1) {
      throw new IllegalArgumentException(
          "expected sizes of at least 1, got " + inputs + " inputs and " + units + " units");
    }
    this.inputs = inputs;
    this.units = units;
    long wide = Math.multiplyExact(gates, units);
    double limit = 1 / Math.sqrt(units);
    Initialiser uniform = Initialiser.uniform(-limit, limit);
    weightInput = parameter("weight_ih", Tensor.zeros(device, dtype, wide, inputs), uniform);
    weightState = parameter("weight_hh", Tensor.zeros(device, dtype, wide, units), uniform);
    biasInput = parameter("bias_ih", Tensor.zeros(device, dtype, wide), uniform);
    biasState = parameter("bias_hh", Tensor.zeros(device, dtype, wide), uniform);
  }

  public final long inputs() {
    return inputs;
  }

  public final long units() {
    return units;
  }

  /** The states of all steps, from a first state of zeros. */
  @Override
  public abstract Var apply(Var x);

  /** The input's pre-activations of all steps, in one product. */
  final Var gates(Var x) {
    long[] shape = x.shape();
    if (shape.length != 3 || shape[2] != inputs) {
      throw new IllegalArgumentException(
          "expected sequences [T, B, %d], got %s".formatted(inputs, Arrays.toString(shape)));
    }
    Tape tape = x.tape();
    return Functions.linear(x, tape.variable(weightInput), tape.variable(biasInput));
  }

  final Var weight(Tape tape) {
    return tape.variable(weightState);
  }

  final Var bias(Tape tape) {
    return tape.variable(biasState);
  }

  /** The given first state, or zeros for null. */
  final Var state(Var x, Var given) {
    if (given != null) {
      return given;
    }
    Tape tape = x.tape();
    return tape.constant(tape.own(Tensor.zeros(tape.device(), x.dtype(), x.shape()[1], units)));
  }
}
