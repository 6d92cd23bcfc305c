// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import static org.generatrix.autograd.Functions.leakyRelu;
import static org.generatrix.autograd.Functions.linear;
import static org.generatrix.autograd.Functions.matmul;
import static org.generatrix.autograd.Functions.sqrt;
import static org.generatrix.autograd.Functions.square;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Device;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Losses that hold a gradient: theirs is a second derivative, through whole networks. */
class PenaltiesTest {
  private static final int ROWS = 4;
  private static final int INPUTS = 3;
  private static final int HIDDEN = 5;
  private final Device device = Device.cpu(1);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  private Tensor random(long seed, long... shape) {
    int size = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return Tensor.of(device, new Random(seed).doubles(size, -1, 1).toArray(), shape);
  }

  private static Var ones(Var like) {
    double[] ones = new double[(int) like.size()];
    Arrays.fill(ones, 1);
    Tape tape = like.tape();
    return tape.constant(tape.own(Tensor.of(tape.device(), ones, like.shape())));
  }

  /** E (|grad_x D(x)| - 1)^2 (Gulrajani et al. 2017), D a perceptron of two hidden layers. */
  private static Var gradientPenalty(Tape tape, Var... v) {
    Var x = v[0];
    Var h = linear(x, v[1], v[2], Activation.TANH);
    Var d = linear(leakyRelu(linear(h, v[3], null), 0.2), v[4], null);
    Var dx = tape.differentiate(d, ones(d).value(), true, x)[0];
    return square(sqrt(square(dx).sum(1)).sub(1)).mean();
  }

  @Test
  void theGradientPenaltyHasItsGradient() {
    try (Tensor x = random(1, ROWS, INPUTS);
        Tensor w1 = random(2, HIDDEN, INPUTS);
        Tensor b1 = random(3, HIDDEN);
        Tensor w2 = random(4, HIDDEN, HIDDEN);
        Tensor w3 = random(5, 1, HIDDEN)) {
      GradientCheck.check(device, PenaltiesTest::gradientPenalty, x, w1, b1, w2, w3);
    }
  }

  /**
   * |dh / dx|^2 (Rifai et al. 2011) for h = tanh(x W' + b): analytically sum_j (1 - h_j^2)^2
   * |W_j|^2, and unit by unit by differentiation.
   */
  @Test
  void theContractivePenaltyIsTheAnalyticOne() {
    try (Tensor x = random(1, ROWS, INPUTS);
        Tensor w = random(2, HIDDEN, INPUTS);
        Tensor b = random(3, HIDDEN)) {
      GradientCheck.check(device, PenaltiesTest::analytic, x, w, b);
      GradientCheck.check(device, PenaltiesTest::differentiated, x, w, b);
      try (Tape tape = Tape.training(device, 1, 0)) {
        Var[] v = {tape.variable(x), tape.variable(w), tape.variable(b)};
        Var one = analytic(tape, v);
        Var other = differentiated(tape, v);
        assertEquals(one.item(), other.item(), 1e-12);
        for (int i = 0; i < v.length; i++) {
          assertArrayEquals(
              tape.gradients(one).of(v[i]).toDoubleArray(),
              tape.gradients(other).of(v[i]).toDoubleArray(),
              1e-12);
        }
      }
    }
  }

  private static Var analytic(Tape tape, Var... v) {
    Var h = linear(v[0], v[1], v[2], Activation.TANH);
    Var slope = square(ones(h).sub(square(h))); // [rows, hidden]
    return matmul(slope, square(v[1]).sum(1).reshape(HIDDEN, 1)).mean();
  }

  private static Var differentiated(Tape tape, Var... v) {
    Var h = linear(v[0], v[1], v[2], Activation.TANH);
    Var sum = null;
    for (int j = 0; j < HIDDEN; j++) {
      double[] unit = new double[ROWS * HIDDEN];
      for (int r = 0; r < ROWS; r++) {
        unit[r * HIDDEN + j] = 1;
      }
      Tensor dy = tape.own(Tensor.of(tape.device(), unit, ROWS, HIDDEN));
      Var squares = square(tape.differentiate(h, dy, true, v[0])[0]).sum(1).mean();
      sum = sum == null ? squares : sum.add(squares);
    }
    return sum;
  }
}
