// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Stream;
import org.generatrix.autograd.op.Draws;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Random numbers on a tape. */
class DrawsTest {
  private static final int N = 4000;

  private final Device device = Device.cpu(1);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  private double[] drawn(Function<Tape, Var> draw, long step) {
    try (Tape tape = Tape.training(device, 3, step)) {
      Var x = draw.apply(tape);
      assertFalse(x.needsGradient());
      return x.value().toDoubleArray();
    }
  }

  private static double mean(double... x) {
    return Arrays.stream(x).average().orElseThrow();
  }

  @Test
  void drawsAreTheTapesNextAndRepeatWithItsStep() {
    Stream<Function<Tape, Var>> all =
        Stream.of(
            tape -> Functions.uniform(tape, N),
            tape -> Functions.normal(tape, N),
            tape -> Functions.exponential(tape, N),
            tape -> Functions.gumbel(tape, N));
    all.forEach(
        draw -> {
          double[] first = drawn(draw, 7);
          assertArrayEquals(first, drawn(draw, 7));
          assertFalse(Arrays.equals(first, drawn(draw, 8)));
          assertFalse(
              Arrays.equals(
                  first,
                  drawn(
                      tape -> {
                        draw.apply(tape);
                        return draw.apply(tape);
                      },
                      7)));
        });
  }

  @Test
  void eachHasItsMean() {
    assertEquals(0.5, mean(drawn(tape -> Functions.uniform(tape, N), 1)), 0.025);
    assertEquals(0, mean(drawn(tape -> Functions.normal(tape, N), 1)), 0.08);
    assertEquals(1, mean(drawn(tape -> Functions.exponential(tape, N), 1)), 0.08);
    assertEquals(0.5772, mean(drawn(tape -> Functions.gumbel(tape, N), 1)), 0.1);
    try (Tensor shapes = Tensor.zeros(device, N)) {
      float[] values = new float[N];
      Arrays.fill(values, 2.5f);
      shapes.copyFrom(values);
      assertEquals(2.5, mean(drawn(tape -> Functions.gamma(tape.constant(shapes)), 1)), 0.13);
      Arrays.fill(values, 0.25f);
      shapes.copyFrom(values);
      assertEquals(0.25, mean(drawn(tape -> Functions.bernoulli(tape.constant(shapes)), 1)), 0.035);
    }
  }

  @Test
  void doublesAreTheDrawsOfFloatsAndExamplesDoNotDependOnTheBatch() {
    double[] wide = drawn(tape -> Draws.normal(tape, DType.FLOAT64, 5, 3), 1);
    double[] narrow = drawn(tape -> Functions.normal(tape, 5, 3), 1);
    for (int i = 0; i < wide.length; i++) {
      assertEquals((float) wide[i], (float) narrow[i]);
    }
    assertArrayEquals(Arrays.copyOf(narrow, 6), drawn(tape -> Functions.normal(tape, 2, 3), 1));
    assertEquals(1, drawn(tape -> Functions.uniform(tape), 1).length);
  }

  @Test
  void refusesBits() {
    try (Tape tape = Tape.training(device, 1, 0);
        Tensor bits = Tensor.bits(device, 2, 3)) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> Functions.bernoulli(tape.constant(bits)));
      assertTrue(e.getMessage().contains("got Tensor[BITS"), e.getMessage());
    }
  }
}
