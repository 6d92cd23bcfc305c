// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Recurrent;
import org.generatrix.binding.View;
import org.generatrix.tensor.Tensor;

/**
 * Hochreiter and Schmidhuber 1997, with forget gate. With a = x_t + h_(t-1) W' + b in the order i,
 * f, g, o: c_t = sigmoid(a_f) c_(t-1) + sigmoid(a_i) tanh(a_g), h_t = sigmoid(a_o) tanh(c_t).
 * Shapes: {@link Recurrence} with four gates.
 */
public final class Lstm extends Recurrence {
  private final boolean withBias;
  private Tensor states;
  private Tensor cells;
  private Tensor activated;

  private Lstm(Var x, Var h0, Var c0, Var weight, Var b) {
    super(4, x, weight, b, h0, c0);
    withBias = b != null;
  }

  /** The states [T, B, U], the last of them and the last cells [B, U]. */
  public static Var[] of(Var x, Var h0, Var c0, Var weight, Var b) {
    return new Lstm(x, h0, c0, weight, b).forward(x, h0, c0, weight, b);
  }

  private Var[] forward(Var x, Var h0, Var c0, Var weight, Var b) {
    states = empty(steps, rows, units);
    cells = kept(units);
    activated = kept(4 * units);
    Tensor product = empty(rows, 4 * units);
    for (long t = 0; t < steps; t++) {
      product(t == 0 ? h0.view() : at(states, t - 1), weight, b, product.view());
      Recurrent.lstm(
          tape().device(),
          rows,
          units,
          at(x.value(), t),
          product.view(),
          t == 0 ? c0.view() : at(cells, t - 1),
          at(activated, t),
          at(states, t),
          at(cells, t));
    }
    return record(new Tensor[] {states, last(states), last(cells)}, operands(b, x, h0, c0, weight));
  }

  @Override
  protected void backward(Flow g) {
    requireFirstDerivative(g);
    Var weight = g.input(3);
    Tensor dGates = empty(steps, rows, 4 * units);
    Tensor dState = empty(rows, units);
    Tensor dCells = empty(rows, units);
    View next = view(g.gradient(1));
    View nextCells = view(g.gradient(2));
    for (long t = steps - 1; t >= 0; t--) {
      Recurrent.lstmBackward(
          tape().device(),
          rows,
          units,
          at(activated, t),
          t == 0 ? g.input(2).view() : at(cells, t - 1),
          at(cells, t),
          stepOf(g.gradient(0), t),
          next,
          nextCells,
          at(dGates, t),
          dCells.view());
      if (t > 0 || g.wants(1)) {
        back(at(dGates, t), weight, false, dState.view());
      }
      next = dState.view();
      nextCells = dCells.view();
    }
    weights(g, 3, withBias, dGates, states, g.input(1));
    g.add(0, tape().constant(dGates));
    g.add(1, tape().constant(dState));
    g.add(2, tape().constant(dCells));
  }
}
