// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import static org.generatrix.autograd.Convolutions.conv;
import static org.generatrix.autograd.Convolutions.convTranspose;
import static org.generatrix.autograd.Functions.leakyRelu;
import static org.generatrix.autograd.Functions.sqrt;
import static org.generatrix.autograd.Functions.square;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Device;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What convolutions and their transposes are to one another. */
class ConvolutionsTest {
  private final Device device = Device.cpu(1);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  private static Var value(Tape tape, double[] values, long... shape) {
    return tape.constant(tape.own(Tensor.of(tape.device(), values, shape)));
  }

  private static Var random(Tape tape, long seed, long... shape) {
    int size = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return value(tape, new Random(seed).doubles(size, -1, 1).toArray(), shape);
  }

  private static double[] numbers(Var x) {
    return x.value().toDoubleArray();
  }

  /** EE-559 (Fleuret, "Deep learning"), the lecture on transposed convolutions. */
  @Test
  void theLecturesNumbers() {
    try (Tape tape = Tape.inference(device)) {
      Var x = value(tape, new double[] {0, 0, 1, 0, 0, 0, 0}, 1, 1, 7);
      Var k = value(tape, new double[] {1, 2, 3}, 1, 1, 3);
      assertArrayEquals(new double[] {3, 2, 1, 0, 0}, numbers(conv(x, k, null, Window.of(3))));
      assertArrayEquals(
          new double[] {0, 0, 1, 2, 3, 0, 0, 0, 0},
          numbers(convTranspose(x, k, null, Window.of(3))));
    }
  }

  // Oracle 64: the matrix of the transposed convolution, column by column from unit vectors, is the
  // transpose of the convolution's.
  @Test
  void theTransposeIsTheTransposedMatrix() {
    for (Window w :
        List.of(
            Window.of(3, 3),
            Window.of(3, 2).stride(2).padding(1),
            Window.of(2, 3).dilation(2).padding(2, 1),
            Window.of(2, 2).stride(3, 2).groups(2))) {
      try (Tape tape = Tape.inference(device)) {
        Var weight = random(tape, 1, 4, 4 / w.groups(), w.kernel().get(0), w.kernel().get(1));
        long[] in = {1, 4, 7, 6};
        Var y = conv(random(tape, 2, in), weight, null, w);
        Window back = w.outputPadding(left(w, in, y.shape()));
        double[][] a = matrix(tape, x -> conv(x, weight, null, w), in);
        double[][] b = matrix(tape, x -> convTranspose(x, weight, null, back), y.shape());
        assertEquals(a[0].length, b.length);
        for (int i = 0; i < a.length; i++) {
          for (int j = 0; j < b.length; j++) {
            assertEquals(a[i][j], b[j][i], 1e-15);
          }
        }
      }
    }
  }

  // Oracle 65: (i - 1) s - 2 p + d (k - 1) + op + 1 is i again.
  private static int[] left(Window w, long[] in, long[] out) {
    int[] left = new int[2];
    for (int a = 0; a < 2; a++) {
      long least =
          (out[a + 2] - 1) * w.stride().get(a)
              - 2L * w.padding().get(a)
              + (long) w.dilation().get(a) * (w.kernel().get(a) - 1)
              + 1;
      left[a] = (int) (in[a + 2] - least);
    }
    return left;
  }

  // Row i: what element i of x becomes.
  private static double[][] matrix(Tape tape, UnaryOperator<Var> f, long... shape) {
    int size = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    double[][] rows = new double[size][];
    for (int i = 0; i < size; i++) {
      double[] unit = new double[size];
      unit[i] = 1;
      rows[i] = numbers(f.apply(value(tape, unit, shape)));
    }
    return rows;
  }

  // Oracle 66: a transposed convolution is zeros between the pixels and a convolution with the
  // kernel
  // turned round.
  @Test
  void theTransposeIsAConvolutionOfPixelsSetApart() {
    try (Tape tape = Tape.inference(device)) {
      Var x = random(tape, 1, 1, 1, 3, 4);
      Var k = random(tape, 2, 1, 1, 4, 4);
      double[] apart = new double[5 * 7];
      double[] in = numbers(x);
      for (int i = 0; i < in.length; i++) {
        apart[i / 4 * 14 + i % 4 * 2] = in[i];
      }
      double[] turned = numbers(k);
      for (int i = 0; i < 8; i++) {
        double other = turned[15 - i];
        turned[15 - i] = turned[i];
        turned[i] = other;
      }
      Var expected =
          conv(
              value(tape, apart, 1, 1, 5, 7),
              value(tape, turned, 1, 1, 4, 4),
              null,
              Window.of(4, 4).padding(2)); // k - 1 - p
      Var y = convTranspose(x, k, null, Window.of(4, 4).stride(2).padding(1));
      assertArrayEquals(new long[] {1, 1, 6, 8}, y.shape());
      assertArrayEquals(expected.shape(), y.shape());
      assertArrayEquals(numbers(expected), numbers(y), 1e-14);
    }
  }

  // Oracle 68: where the stride does not divide the kernel, pixels are covered unevenly.
  @Test
  void checkerboards() {
    try (Tape tape = Tape.inference(device)) {
      Var x = value(tape, new double[] {1, 1, 1, 1, 1}, 1, 1, 5);
      Var three = value(tape, new double[] {1, 1, 1}, 1, 1, 3);
      Var four = value(tape, new double[] {1, 1, 1, 1}, 1, 1, 4);
      assertArrayEquals(
          new double[] {1, 1, 2, 1, 2, 1, 2, 1, 2, 1, 1},
          numbers(convTranspose(x, three, null, Window.of(3).stride(2))));
      assertArrayEquals(
          new double[] {1, 2, 2, 2, 2, 2, 2, 2, 2, 1},
          numbers(convTranspose(x, four, null, Window.of(4).stride(2).padding(1))));
    }
  }

  /** E (|grad_x D(x)| - 1)^2 (Gulrajani et al. 2017) of a critic of convolutions, either way. */
  @Test
  void theGradientPenaltyHasItsGradient() {
    Window down = Window.of(3, 3).stride(2).padding(1);
    Window up = Window.of(2, 2).stride(2);
    Window causal = Window.of(3, 3).padding(1);
    TapMask mask = TapMask.causal(causal, true, 1);
    GradientCheck.Function penalty =
        (tape, v) -> {
          Var h = conv(v[0], v[1], v[2], down, Activation.TANH, 0);
          Var u = leakyRelu(convTranspose(h, v[3], null, up), 0.2);
          Var d = conv(u, v[4], null, causal, mask, Activation.SOFTPLUS, 0).sum(1, 2, 3);
          Tensor ones = tape.own(Tensor.of(tape.device(), new double[] {1, 1}, 2));
          Var dx = tape.differentiate(d, ones, true, v[0])[0];
          return square(sqrt(square(dx).sum(1, 2, 3)).sub(1)).mean();
        };
    try (Tensor x = tensor(1, 2, 1, 4, 4);
        Tensor w1 = tensor(2, 2, 1, 3, 3);
        Tensor b1 = tensor(3, 2);
        Tensor w2 = tensor(4, 2, 2, 2, 2);
        Tensor w3 = tensor(5, 1, 2, 3, 3)) {
      GradientCheck.check(device, penalty, x, w1, b1, w2, w3);
    }
  }

  private Tensor tensor(long seed, long... shape) {
    int size = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return Tensor.of(device, new Random(seed).doubles(size, -1, 1).toArray(), shape);
  }
}
