// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;

/**
 * A long short-term memory with forget gates (Hochreiter and Schmidhuber 1997); the equations are
 * those of {@link Functions#lstm}.
 */
public final class Lstm extends RecurrentLayer {

  /** All states [T, B, U], the last one and the last cells [B, U]. */
  public record Result(Var states, Var h, Var c) {}

  public Lstm(Device device, long inputs, long units) {
    this(device, DType.FLOAT32, inputs, units);
  }

  public Lstm(Device device, DType dtype, long inputs, long units) {
    super(device, dtype, 4, inputs, units);
  }

  @Override
  public Var apply(Var x) {
    return apply(x, null, null).states();
  }

  /**
   * @param h0 [B, U], or null for zeros
   * @param c0 [B, U], or null for zeros
   */
  public Result apply(Var x, Var h0, Var c0) {
    Var[] y =
        Functions.lstm(gates(x), state(x, h0), state(x, c0), weight(x.tape()), bias(x.tape()));
    return new Result(y[0], y[1], y[2]);
  }
}
