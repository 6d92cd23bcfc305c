// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import static org.generatrix.autograd.Functions.tanh;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.generatrix.binding.Device;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TapeTest {
  private final Device device = Device.cpu(1);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  @Test
  void gradientsFlowThroughAChain() {
    try (Tensor x = Tensor.of(device, new double[] {0.3}, 1);
        Tape tape = Tape.training(device, 1, 0)) {
      Var y = tanh(tanh(tape.variable(x)));
      double inner = Math.tanh(0.3);
      double outer = Math.tanh(inner);
      double expected = (1 - outer * outer) * (1 - inner * inner);
      assertEquals(outer, y.item(), 1e-15);
      assertEquals(expected, tape.gradients(y).of(x).toDoubleArray()[0], 1e-15);
    }
  }

  @Test
  void nothingFlowsToConstantsAndDetachedValues() {
    try (Tensor x = Tensor.of(device, new float[] {0.3f}, 1);
        Tensor c = Tensor.of(device, new float[] {0.3f}, 1);
        Tape tape = Tape.training(device, 1, 0)) {
      Var y = tanh(tanh(tape.variable(x)).detach());
      assertFalse(y.needsGradient());
      assertNull(tape.gradients(y).of(x));
      Var z = tanh(tape.variable(x));
      tape.constant(c);
      assertNull(tape.gradients(z).of(c));
      assertSame(tape.variable(x), tape.variable(x));
    }
  }

  @Test
  void inferenceRecordsNothingAndRefusesGradients() {
    try (Tensor x = Tensor.of(device, new float[] {0.3f}, 1);
        Tape tape = Tape.inference(device)) {
      Var y = tanh(tape.variable(x));
      assertFalse(y.needsGradient());
      assertFalse(tape.isTraining());
      assertThrows(IllegalStateException.class, () -> tape.gradients(y));
    }
  }

  @Test
  void aGradientOfTwoElementsNeedsTheirWeights() {
    try (Tensor x = Tensor.of(device, new float[] {0.3f, 0.4f}, 2);
        Tape tape = Tape.training(device, 1, 0)) {
      Var y = tanh(tape.variable(x));
      String message =
          assertThrows(IllegalArgumentException.class, () -> tape.gradients(y)).getMessage();
      assertEquals("expected a loss of one element, got shape [2]", message);
      assertThrows(IllegalArgumentException.class, () -> tape.gradients(y, x.reshape(2, 1)));
      assertEquals(2, tape.gradients(y, x).of(x).size());
    }
  }

  @Test
  void aClosedTapeHasFreedEverythingAndRefuses() {
    try (Tensor x = Tensor.of(device, new float[] {0.3f}, 1)) {
      Tape tape = Tape.training(device, 1, 0);
      Var y = tanh(tape.variable(x));
      Tensor kept = tape.take(y);
      assertEquals(12, device.memory().live());
      tape.close();
      tape.close();
      assertEquals(8, device.memory().live());
      assertTrue(y.value().isClosed());
      assertFalse(x.isClosed());
      assertArrayEquals(new float[] {(float) Math.tanh(0.3f)}, kept.toArray(), 1e-7f);
      assertThrows(IllegalStateException.class, () -> tape.constant(x));
      assertThrows(IllegalStateException.class, () -> tanh(y));
      kept.close();
    }
  }

  @Test
  void operandsAreOfOneTapeAndOneType() {
    try (Tensor x = Tensor.of(device, new float[] {0.3f}, 1);
        Tape tape = Tape.training(device, 1, 0)) {
      assertThrows(
          IllegalArgumentException.class,
          () -> GradientCheck.check(device, (t, v) -> tanh(v[0]), x));
      assertThrows(IllegalArgumentException.class, () -> Tape.training(device, 1, -1));
      assertEquals(tape.nextRng().step() + 1, tape.nextRng().step());
      try (Tape next = Tape.training(device, 1, 1)) {
        assertNotEquals(tape.nextRng(), next.nextRng());
      }
    }
  }

  @Test
  void theCheckerSeesAWrongGradient() {
    try (Tensor x = Tensor.of(device, new double[] {0.3, -0.2}, 2)) {
      GradientCheck.check(device, (tape, v) -> tanh(v[0]), x);
      String message =
          assertThrows(
                  IllegalStateException.class,
                  () -> GradientCheck.check(device, (tape, v) -> tanh(v[0].detach()), x))
              .getMessage();
      assertTrue(message.contains("got 0"), message);
    }
  }
}
