// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Recurrent;
import org.generatrix.binding.View;
import org.generatrix.tensor.Tensor;

/** h_t = tanh(x_t + h_(t-1) W' + b). Shapes: {@link Recurrence} with one gate. */
public final class Rnn extends Recurrence {
  private final boolean withBias;
  private Tensor states;

  private Rnn(Var x, Var h0, Var weight, Var b) {
    super(1, x, weight, b, h0);
    withBias = b != null;
  }

  /** The states [T, B, U] and the last one [B, U]. */
  public static Var[] of(Var x, Var h0, Var weight, Var b) {
    return new Rnn(x, h0, weight, b).forward(x, h0, weight, b);
  }

  private Var[] forward(Var x, Var h0, Var weight, Var b) {
    states = empty(steps, rows, units);
    Tensor product = empty(rows, units);
    for (long t = 0; t < steps; t++) {
      product(t == 0 ? h0.view() : at(states, t - 1), weight, b, product.view());
      Recurrent.rnn(tape().device(), rows, units, at(x.value(), t), product.view(), at(states, t));
    }
    return record(new Tensor[] {states, last(states)}, operands(b, x, h0, weight));
  }

  @Override
  protected void backward(Flow g) {
    requireFirstDerivative(g);
    Var weight = g.input(2);
    Tensor dGates = empty(steps, rows, units);
    Tensor carried = empty(rows, units);
    View next = view(g.gradient(1));
    for (long t = steps - 1; t >= 0; t--) {
      Recurrent.rnnBackward(
          tape().device(),
          rows,
          units,
          at(states, t),
          stepOf(g.gradient(0), t),
          next,
          at(dGates, t));
      if (t > 0 || g.wants(1)) {
        back(at(dGates, t), weight, false, carried.view());
      }
      next = carried.view();
    }
    weights(g, 2, withBias, dGates, states, g.input(1));
    g.add(0, tape().constant(dGates));
    g.add(1, tape().constant(carried));
  }
}
