// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.generatrix.autograd.GradientCheck;
import org.generatrix.autograd.Gradients;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.nn.Layer;
import org.generatrix.nn.Module;
import org.generatrix.tensor.Tensor;

/** Gradients of a layer in double against central differences, by its input and its parameters. */
final class LayerCheck {
  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 1e-5;

  private LayerCheck() {}

  static Tensor random(Device device, long seed, long... shape) {
    int size = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return Tensor.of(device, new Random(seed).doubles(size, -1, 1).toArray(), shape);
  }

  /** Random values, so that nothing stands on a kink. */
  static void fill(Module module) {
    module
        .parameters()
        .forEach(
            (name, tensor) ->
                tensor.copyFrom(
                    new Random(name.hashCode()).doubles((int) tensor.size(), -0.7, 0.7).toArray()));
  }

  /** With parameters of random values. */
  static <L extends Module & Layer> void check(Device device, L layer, long... shape) {
    fill(layer);
    try (Tensor x = random(device, 3, shape)) {
      GradientCheck.check(device, (tape, v) -> layer.apply(v[0]), x);
      for (Map.Entry<String, Tensor> parameter : layer.parameters().entrySet()) {
        check(device, layer, x, parameter.getKey(), parameter.getValue());
      }
    }
  }

  private static void check(Device device, Layer layer, Tensor x, String name, Tensor parameter) {
    double[] analytic;
    try (Tape tape = Tape.training(device, 1, 0)) {
      Var loss = loss(layer.apply(tape.constant(x)));
      Gradients gradients = tape.gradients(loss);
      assertNotNull(gradients.of(parameter), name);
      analytic = gradients.of(parameter).toDoubleArray();
    }
    double[] values = parameter.toDoubleArray();
    for (int i = 0; i < values.length; i++) {
      double[] moved = values.clone();
      moved[i] += STEP;
      double above = at(device, layer, x, parameter, moved);
      moved[i] -= 2 * STEP;
      double below = at(device, layer, x, parameter, moved);
      double numeric = (above - below) / (2 * STEP);
      assertEquals(
          numeric, analytic[i], TOLERANCE * Math.max(1, Math.abs(numeric)), name + " " + i);
    }
    parameter.copyFrom(values);
  }

  private static double at(
      Device device, Layer layer, Tensor x, Tensor parameter, double... values) {
    parameter.copyFrom(values);
    try (Tape tape = Tape.training(device, 1, 0)) {
      return loss(layer.apply(tape.constant(x))).item();
    }
  }

  // A sum with different weights.
  private static Var loss(Var y) {
    double[] weights = new double[(int) y.size()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (i % 2 == 0 ? 1 : -1) * (0.5 + (i * 0.618034) % 1);
    }
    Tape tape = y.tape();
    return y.mul(tape.constant(tape.own(Tensor.of(tape.device(), weights, y.shape())))).sum();
  }
}
