// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.generatrix.autograd.GradientCheck;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.Base;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchNormTransformTest {
  private static final double EPSILON = 1e-4;
  private final Device device = Device.cpu(1);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  private BatchNormTransform norm(double rho) {
    return new BatchNormTransform(device, DType.FLOAT64, 2, rho, EPSILON);
  }

  private Tensor data(long seed, long... shape) {
    int size = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return Tensor.of(device, new Random(seed).doubles(size, -1, 3).toArray(), shape);
  }

  // Oracle 60.
  @Test
  void untrainedItIsTheIdentity() {
    try (BatchNormTransform norm = new BatchNormTransform(device, 2);
        Tensor x = Tensor.of(device, new float[] {1, -2, 3, 4}, 1, 2, 2);
        Tape tape = Tape.inference(device)) {
      Mapped y = norm.forward(tape.constant(x), null, null);
      assertArrayEquals(x.toArray(), y.value().value().toArray(), 1e-6f);
      assertEquals(0, y.logDet().item(), 1e-6);
    }
  }

  // Oracle 58.
  @Test
  void logDeterminantIsThatOfTheJacobian() {
    try (BatchNormTransform norm = norm(0.9)) {
      norm.runningMean().copyFrom(new double[] {0.5, -1});
      norm.runningVar().copyFrom(new double[] {0.3, 4});
      double[] x = {0.1, 0.2, -0.3, 1, 2, -1};
      double numeric = Jacobian.logDet(v -> image(norm, v), x);
      try (Tape tape = Tape.inference(device);
          Tensor in = Tensor.of(device, x, 1, 2, 3)) {
        Mapped y = norm.forward(tape.constant(in), null, null);
        assertEquals(numeric, y.logDet().item(), 1e-8);
        assertEquals(
            -1.5 * (Math.log(0.3 + EPSILON) + Math.log(4 + EPSILON)), y.logDet().item(), 1e-12);
        Mapped back = norm.inverse(y.value(), y.logDet(), null);
        assertArrayEquals(x, back.value().value().toDoubleArray(), 1e-12);
        assertEquals(0, back.logDet().item(), 1e-12);
      }
    }
  }

  private double[] image(BatchNormTransform norm, double... x) {
    try (Tape tape = Tape.inference(device);
        Tensor in = Tensor.of(device, x, 1, 2, 3)) {
      return norm.forward(tape.constant(in), null, null).value().value().toDoubleArray();
    }
  }

  @Test
  void trainingMixesTheBatchIntoWhatRuns() {
    try (BatchNormTransform norm = norm(0.75);
        Tensor x = Tensor.of(device, new double[] {1, 3, 10, 20, 5, 7, 30, 20}, 2, 2, 2)) {
      norm.runningMean().copyFrom(new double[] {2, 0});
      norm.runningVar().copyFrom(new double[] {1, 2});
      double[] want;
      try (Tape tape = Tape.training(device, 1, 0)) {
        Mapped y = norm.forward(tape.constant(x), null, null);
        want = y.value().value().toDoubleArray();
        // Means 4 and 20, variances 5 and 50.
        assertArrayEquals(new double[] {2.5, 5}, norm.runningMean().toDoubleArray(), 1e-12);
        assertArrayEquals(new double[] {2, 14}, norm.runningVar().toDoubleArray(), 1e-12);
        assertEquals((1 - 2.5) / Math.sqrt(2 + EPSILON), want[0], 1e-12);
        double logDet = -Math.log(2 + EPSILON) - Math.log(14 + EPSILON);
        assertArrayEquals(new double[] {logDet, logDet}, y.logDet().value().toDoubleArray(), 1e-12);
      }
      // Evaluation takes what runs and leaves it.
      try (Tape tape = Tape.inference(device)) {
        Mapped y = norm.forward(tape.constant(x), null, null);
        assertArrayEquals(want, y.value().value().toDoubleArray(), 1e-12);
        assertArrayEquals(new double[] {2.5, 5}, norm.runningMean().toDoubleArray(), 1e-12);
      }
    }
  }

  @Test
  void gradientsGoThroughTheCurrentBatch() {
    try (BatchNormTransform norm = norm(0.6);
        Tensor x = data(1, 3, 2, 2)) {
      for (Base base : new Base[] {Base.NONE, Base.GAUSSIAN}) {
        GradientCheck.check(device, (tape, v) -> fromTheStart(norm, base, v[0]).value(), x);
        GradientCheck.check(device, (tape, v) -> fromTheStart(norm, base, v[0]).logDet(), x);
      }
    }
  }

  private static Mapped fromTheStart(BatchNormTransform norm, Base base, Var x) {
    norm.runningMean().copyFrom(new double[] {0.3, 0.4});
    norm.runningVar().copyFrom(new double[] {2, 0.7});
    return norm.forwardUnder(base, x, null, null);
  }

  @Test
  void argumentsOutOfRangeAreRefused() {
    refused("channels", () -> new BatchNormTransform(device, 0).close());
    refused("rho", () -> norm(1).close());
    refused("epsilon", () -> new BatchNormTransform(device, DType.FLOAT32, 1, 0, 0).close());
    try (BatchNormTransform norm = norm(0.5);
        Tensor x = data(1, 4, 3);
        Tape tape = Tape.inference(device)) {
      refused("[n, 2, ..]", () -> norm.forward(tape.constant(x), null, null));
      refused("[n, 2, ..]", () -> norm.inverse(tape.constant(x), null, null));
    }
  }

  private static void refused(String word, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(word), message);
  }
}
