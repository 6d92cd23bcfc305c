// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;

/** A gated recurrent unit (Cho et al. 2014); the equations are those of {@link Functions#gru}. */
public final class Gru extends RecurrentLayer {

  /** All states [T, B, U] and the last one [B, U]. */
  public record Result(Var states, Var h) {}

  public Gru(Device device, long inputs, long units) {
    this(device, DType.FLOAT32, inputs, units);
  }

  public Gru(Device device, DType dtype, long inputs, long units) {
    super(device, dtype, 3, inputs, units);
  }

  @Override
  public Var apply(Var x) {
    return apply(x, null).states();
  }

  /**
   * @param h0 [B, U], or null for zeros
   */
  public Result apply(Var x, Var h0) {
    Var[] y = Functions.gru(gates(x), state(x, h0), weight(x.tape()), bias(x.tape()));
    return new Result(y[0], y[1]);
  }
}
