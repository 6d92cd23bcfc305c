// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Recurrent;
import org.generatrix.binding.View;
import org.generatrix.tensor.Tensor;

/**
 * Cho et al. 2014, as in PyTorch. With p = h_(t-1) W' + b and the order r, z, n: r = sigmoid(x_r +
 * p_r), z = sigmoid(x_z + p_z), n = tanh(x_n + r p_n), h_t = (1 - z) n + z h_(t-1). Shapes: {@link
 * Recurrence} with three gates.
 */
public final class Gru extends Recurrence {
  private final boolean withBias;
  private Tensor states;
  private Tensor products;
  private Tensor activated;

  private Gru(Var x, Var h0, Var weight, Var b) {
    super(3, x, weight, b, h0);
    withBias = b != null;
  }

  /** The states [T, B, U] and the last one [B, U]. */
  public static Var[] of(Var x, Var h0, Var weight, Var b) {
    return new Gru(x, h0, weight, b).forward(x, h0, weight, b);
  }

  private Var[] forward(Var x, Var h0, Var weight, Var b) {
    states = empty(steps, rows, units);
    products = kept(3 * units);
    activated = kept(3 * units);
    for (long t = 0; t < steps; t++) {
      View before = t == 0 ? h0.view() : at(states, t - 1);
      product(before, weight, b, at(products, t));
      Recurrent.gru(
          tape().device(),
          rows,
          units,
          at(x.value(), t),
          at(products, t),
          before,
          at(activated, t),
          at(states, t));
    }
    return record(new Tensor[] {states, last(states)}, operands(b, x, h0, weight));
  }

  @Override
  protected void backward(Flow g) {
    requireFirstDerivative(g);
    Var h0 = g.input(1);
    Tensor dx = empty(steps, rows, 3 * units);
    Tensor dProducts = empty(steps, rows, 3 * units);
    Tensor dState = empty(rows, units);
    View next = view(g.gradient(1));
    for (long t = steps - 1; t >= 0; t--) {
      Recurrent.gruBackward(
          tape().device(),
          rows,
          units,
          at(activated, t),
          at(products, t),
          t == 0 ? h0.view() : at(states, t - 1),
          stepOf(g.gradient(0), t),
          next,
          at(dx, t),
          at(dProducts, t),
          dState.view());
      if (t > 0 || g.wants(1)) {
        back(at(dProducts, t), g.input(2), true, dState.view());
      }
      next = dState.view();
    }
    weights(g, 2, withBias, dProducts, states, h0);
    g.add(0, tape().constant(dx));
    g.add(1, tape().constant(dState));
  }
}
