// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.generatrix.autograd.GradientCheck;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecurrentLayerTest {
  private final Device device = Device.cpu(1);

  @AfterEach
  void noTensorIsLeft() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  private Tensor sequences(long... shape) {
    double[] values = new double[(int) (shape[0] * shape[1] * shape[2])];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.sin(1 + i);
    }
    return Tensor.of(device, values, shape);
  }

  // ORACLES.md 72: one unit, one step.
  @Test
  void oneStepOfOneUnitIsTheScalarEquations() {
    try (Lstm lstm = new Lstm(device, DType.FLOAT64, 1, 1);
        Gru gru = new Gru(device, DType.FLOAT64, 1, 1);
        Rnn rnn = new Rnn(device, DType.FLOAT64, 1, 1);
        Tensor x = Tensor.of(device, new double[] {0.7}, 1, 1, 1);
        Tensor h = Tensor.of(device, new double[] {-0.3}, 1, 1);
        Tensor c = Tensor.of(device, new double[] {0.9}, 1, 1);
        Tape tape = Tape.inference(device)) {
      lstm.initialise(1);
      gru.initialise(2);
      rnn.initialise(3);
      double[] a = preActivations(lstm, 0.7, 0);
      double[] p = preActivations(lstm, -0.3, 1);
      double cell = sigmoid(a[1] + p[1]) * 0.9 + sigmoid(a[0] + p[0]) * Math.tanh(a[2] + p[2]);
      Lstm.Result made = lstm.apply(tape.constant(x), tape.constant(h), tape.constant(c));
      assertEquals(cell, made.c().item(), 1e-15);
      assertEquals(sigmoid(a[3] + p[3]) * Math.tanh(cell), made.h().item(), 1e-15);
      a = preActivations(gru, 0.7, 0);
      p = preActivations(gru, -0.3, 1);
      double z = sigmoid(a[1] + p[1]);
      double n = Math.tanh(a[2] + sigmoid(a[0] + p[0]) * p[2]);
      assertEquals(
          (1 - z) * n + z * -0.3, gru.apply(tape.constant(x), tape.constant(h)).h().item(), 1e-15);
      a = preActivations(rnn, 0.7, 0);
      p = preActivations(rnn, -0.3, 1);
      assertEquals(
          Math.tanh(a[0] + p[0]), rnn.apply(tape.constant(x), tape.constant(h)).h().item(), 1e-15);
    }
  }

  private static double[] preActivations(RecurrentLayer layer, double value, int ofState) {
    double[] w = layer.parameters().get(ofState == 1 ? "weight_hh" : "weight_ih").toDoubleArray();
    double[] b = layer.parameters().get(ofState == 1 ? "bias_hh" : "bias_ih").toDoubleArray();
    double[] a = new double[w.length];
    for (int i = 0; i < a.length; i++) {
      a[i] = w[i] * value + b[i];
    }
    return a;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  // ORACLES.md 72: back-propagation through five steps.
  @Test
  void gradientsOfAllParametersThroughFiveSteps() {
    try (Lstm lstm = new Lstm(device, DType.FLOAT64, 2, 3);
        Gru gru = new Gru(device, DType.FLOAT64, 2, 3);
        Rnn rnn = new Rnn(device, DType.FLOAT64, 2, 3);
        Tensor x = sequences(5, 2, 2)) {
      for (RecurrentLayer layer : List.of(lstm, gru, rnn)) {
        layer.initialise(7);
        Tensor[] inputs = layer.parameters().values().toArray(Tensor[]::new);
        double[][] analytic = new double[inputs.length][];
        try (Tape tape = Tape.training(device, 1, 0)) {
          Var loss = layer.apply(tape.variable(x)).sum();
          for (int i = 0; i < inputs.length; i++) {
            analytic[i] = tape.gradients(loss).of(inputs[i]).toDoubleArray();
          }
        }
        for (int i = 0; i < inputs.length; i++) {
          double[] values = inputs[i].toDoubleArray();
          for (int j = 0; j < values.length; j += 5) {
            double slope =
                (loss(layer, x, inputs[i], values, j, 1e-5)
                        - loss(layer, x, inputs[i], values, j, -1e-5))
                    / 2e-5;
            assertEquals(slope, analytic[i][j], 1e-6 * Math.max(1, Math.abs(slope)));
          }
        }
        GradientCheck.check(device, (tape, v) -> layer.apply(v[0]), x);
      }
    }
  }

  private double loss(
      RecurrentLayer layer, Tensor x, Tensor parameter, double[] values, int j, double step) {
    double[] moved = values.clone();
    moved[j] += step;
    parameter.copyFrom(moved);
    try (Tape tape = Tape.inference(device)) {
      return layer.apply(tape.constant(x)).sum().item();
    } finally {
      parameter.copyFrom(values);
    }
  }

  @Test
  void aSequenceIsItsPartsOneAfterTheOther() {
    try (Lstm layer = new Lstm(device, DType.FLOAT64, 2, 3);
        Tensor x = sequences(4, 2, 2);
        Tape tape = Tape.inference(device)) {
      layer.initialise(3);
      double[] all = x.toDoubleArray();
      Var first = part(tape, all, 0);
      Var second = part(tape, all, 1);
      Lstm.Result whole = layer.apply(tape.constant(x), null, null);
      Lstm.Result begun = layer.apply(first, null, null);
      Lstm.Result ended = layer.apply(second, begun.h(), begun.c());
      assertArrayEquals(
          whole.h().value().toDoubleArray(), ended.h().value().toDoubleArray(), 1e-15);
      assertArrayEquals(
          whole.c().value().toDoubleArray(), ended.c().value().toDoubleArray(), 1e-15);
    }
  }

  private Var part(Tape tape, double[] all, int half) {
    double[] values = java.util.Arrays.copyOfRange(all, half * 8, half * 8 + 8);
    return tape.constant(tape.own(Tensor.of(device, values, 2, 2, 2)));
  }

  @Test
  void refusesOtherShapes() {
    try (Gru layer = new Gru(device, 2, 3);
        Tensor flat = Tensor.zeros(device, 4, 2);
        Tensor wide = Tensor.zeros(device, 1, 4, 3);
        Tape tape = Tape.inference(device)) {
      for (Tensor bad : List.of(flat, wide)) {
        String message =
            assertThrows(IllegalArgumentException.class, () -> layer.apply(tape.constant(bad)))
                .getMessage();
        assertTrue(message.contains("[T, B, 2]"), message);
      }
      assertThrows(IllegalArgumentException.class, () -> new Rnn(device, 0, 3));
      assertThrows(IllegalArgumentException.class, () -> new Lstm(device, 3, 0));
    }
  }
}
