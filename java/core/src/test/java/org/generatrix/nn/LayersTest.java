// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The layers without parameters: activations by name, dropout. */
class LayersTest {
  private final Device device = Device.cpu(1);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  private static final Map<Nonlinearity, DoubleUnaryOperator> FORMULAS =
      new EnumMap<>(Nonlinearity.class);

  static {
    FORMULAS.put(Nonlinearity.IDENTITY, x -> x);
    FORMULAS.put(Nonlinearity.TANH, Math::tanh);
    FORMULAS.put(Nonlinearity.SIGMOID, x -> 1 / (1 + Math.exp(-x)));
    FORMULAS.put(Nonlinearity.RELU, x -> Math.max(x, 0));
    FORMULAS.put(Nonlinearity.LEAKY_RELU, x -> x > 0 ? x : 0.01 * x);
    FORMULAS.put(Nonlinearity.ELU, x -> x > 0 ? x : Math.expm1(x));
    FORMULAS.put(
        Nonlinearity.SELU,
        x -> 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)));
    FORMULAS.put(Nonlinearity.SOFTPLUS, x -> Math.log1p(Math.exp(x)));
    FORMULAS.put(Nonlinearity.SOFTSIGN, x -> x / (1 + Math.abs(x)));
    FORMULAS.put(Nonlinearity.SILU, x -> x / (1 + Math.exp(-x)));
    // x Phi(x), Phi from tables: Phi(1.3) = 0.9031995154143897, Phi(0.7) = 0.758036347776927
    FORMULAS.put(
        Nonlinearity.GELU,
        x -> x * (x > 0 ? 0.9031995154143897 : x == 0 ? 0.5 : 1 - 0.758036347776927));
  }

  /** Alone, and behind a dense layer, where some are fused into it. */
  @Test
  void everyNonlinearityIsItsFormula() {
    double[] values = {1.3, 0, -0.7};
    for (Nonlinearity f : Nonlinearity.values()) {
      double[] expected = Arrays.stream(values).map(FORMULAS.get(f)).toArray();
      try (Tensor x = Tensor.of(device, values, 1, 3);
          Linear identity =
              new Linear(device, DType.FLOAT64, 3, 3, true, Initialiser.orthogonal());
          Sequential both = new Sequential(identity, f);
          Tape tape = Tape.inference(device)) {
        identity.weight().copyFrom(new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1});
        Var in = tape.constant(x);
        assertArrayEquals(expected, f.apply(in).value().toDoubleArray(), 1e-12, f.name());
        assertArrayEquals(expected, both.apply(in).value().toDoubleArray(), 1e-12, f.name());
      }
    }
  }

  @Test
  void anActivationBehindAnotherLayerIsNotLost() {
    try (Tensor x = Tensor.of(device, new double[] {0.4}, 1, 1);
        Linear twice = new Linear(device, DType.FLOAT64, 1, 1, false, Initialiser.constant(2));
        Sequential layers =
            new Sequential(Nonlinearity.TANH, twice, Nonlinearity.SIGMOID, Nonlinearity.TANH);
        Tape tape = Tape.inference(device)) {
      layers.initialise(1);
      double expected = Math.tanh(1 / (1 + Math.exp(-2 * Math.tanh(0.4))));
      assertEquals(expected, layers.apply(tape.constant(x)).item(), 1e-12);
    }
  }

  @Test
  void dropoutKeepsTheMeanInTrainingAndRestsOtherwise() {
    int n = 20_000;
    try (Tensor ones = Tensor.ones(device, 2, n / 2);
        Tape tape = Tape.training(device, 5, 0);
        Tape again = Tape.training(device, 5, 0);
        Tape later = Tape.training(device, 5, 1);
        Tape inference = Tape.inference(device)) {
      Dropout dropout = new Dropout(0.3);
      Var x = tape.variable(ones);
      Var y = dropout.apply(x);
      float[] values = y.value().toArray();
      int dropped = 0;
      for (float v : values) {
        assertEquals(v == 0 ? 0 : 1 / 0.7, v, 1e-6);
        dropped += v == 0 ? 1 : 0;
      }
      assertEquals(0.3, dropped / (double) n, 6 * Math.sqrt(0.3 * 0.7 / n));
      assertArrayEquals(values, dropout.apply(again.constant(ones)).value().toArray());
      assertFalse(Arrays.equals(values, dropout.apply(later.constant(ones)).value().toArray()));
      assertFalse(Arrays.equals(values, dropout.apply(x).value().toArray())); // drawn anew
      // The gradient goes where the value went.
      assertArrayEquals(values, tape.gradients(y.sum()).of(ones).toArray());
      Var still = inference.constant(ones);
      assertSame(still, dropout.apply(still));
      assertSame(x, new Dropout(0).apply(x));
    }
    assertThrows(IllegalArgumentException.class, () -> new Dropout(1));
    assertThrows(IllegalArgumentException.class, () -> new Dropout(-0.1));
    assertThrows(IllegalArgumentException.class, () -> new Dropout(Double.NaN));
  }
}
