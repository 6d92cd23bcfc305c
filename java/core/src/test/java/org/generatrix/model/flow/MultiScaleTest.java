// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.Base;
import org.generatrix.binding.Device;
import org.generatrix.model.autoregressive.ImageShape;
import org.generatrix.model.flow.RealNvpConfig.Norm;
import org.generatrix.nn.Module;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MultiScaleTest {
  private final Device device = Device.cpu(2);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  private static RealNvpConfig config(int channels, int side, int scales, Norm norm) {
    ImageShape image = new ImageShape(channels, side, side, 256);
    return RealNvpConfig.of(image, 3, 1).withScales(scales).withNorm(norm);
  }

  /** Random values everywhere, so that nothing is the identity; variances stay positive. */
  static void fill(Module module, double limit) {
    module
        .state()
        .forEach(
            (name, tensor) -> {
              double centre = name.endsWith("running_var") || name.endsWith("weight_g") ? 1 : 0;
              double[] values =
                  new Random(name.hashCode())
                      .doubles((int) tensor.size(), centre - limit, centre + limit)
                      .toArray();
              tensor.copyFrom(values);
            });
  }

  private Tensor random(DType dtype, long seed, long... shape) {
    Tensor x = Tensor.zeros(device, dtype, shape);
    x.copyFrom(new Random(seed).doubles((int) x.size(), -2, 2).toArray());
    return x;
  }

  // Oracle 58, in both directions: the log-determinant is that of the numeric Jacobian.
  @ParameterizedTest
  @EnumSource(Norm.class)
  void logDeterminantIsThatOfTheJacobian(Norm norm) {
    RealNvpConfig config = config(1, 4, 2, norm);
    try (MultiScale flow = new MultiScale(device, DType.FLOAT64, config)) {
      fill(flow, 0.5);
      double[] x = new Random(5).doubles(16, -2, 2).toArray();
      double[] z = new double[16];
      double forward = forward(flow, x, z);
      double numeric = Jacobian.logDet(v -> image(flow, v), x);
      assertTrue(Math.abs(numeric) > 0.1, "" + numeric);
      assertEquals(numeric, forward, 1e-6);

      double[] back = new double[16];
      assertEquals(-numeric, inverse(flow, z, back), 1e-6);
      assertArrayEquals(x, back, 1e-9);
      assertEquals(-numeric, Jacobian.logDet(v -> preimage(flow, v), z), 1e-5);
    }
  }

  private double[] image(Transform flow, double... x) {
    double[] z = new double[x.length];
    forward(flow, x, z);
    return z;
  }

  private double[] preimage(Transform flow, double... z) {
    double[] x = new double[z.length];
    inverse(flow, z, x);
    return x;
  }

  private double forward(Transform flow, double[] x, double[] z) {
    try (Tape tape = Tape.inference(device);
        Tensor in = Tensor.of(device, x, 1, 1, 4, 4)) {
      return read(flow.forward(tape.constant(in), null, null), z);
    }
  }

  private double inverse(Transform flow, double[] z, double[] x) {
    try (Tape tape = Tape.inference(device);
        Tensor in = Tensor.of(device, z, 1, 16)) {
      return read(flow.inverse(tape.constant(in), null, null), x);
    }
  }

  private static double read(Mapped mapped, double[] value) {
    System.arraycopy(mapped.value().value().toDoubleArray(), 0, value, 0, value.length);
    return mapped.logDet().item();
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void whatGoesThroughComesBack(Norm norm) {
    try (MultiScale flow = new MultiScale(device, DType.FLOAT32, config(3, 8, 3, norm));
        Tensor in = random(DType.FLOAT32, 2, 5, 3, 8, 8);
        Tape tape = Tape.inference(device)) {
      fill(flow, 0.3);
      Var x = tape.constant(in);
      Mapped z = flow.forward(x, null, null);
      assertArrayEquals(new long[] {5, 192}, z.value().shape());
      Mapped back = flow.inverse(z.value(), z.logDet(), null);
      assertArrayEquals(new long[] {5, 3, 8, 8}, back.value().shape());
      assertArrayEquals(in.toArray(), back.value().value().toArray(), 2e-4f);
      for (double logDet : back.logDet().value().toDoubleArray()) {
        assertEquals(0, logDet, 1e-3);
      }
    }
  }

  // The base density of what leaves early is that of the whole row.
  @ParameterizedTest
  @EnumSource(Norm.class)
  void theBaseIsAddedOnTheWay(Norm norm) {
    try (MultiScale flow = new MultiScale(device, DType.FLOAT64, config(1, 8, 3, norm));
        Tensor in = random(DType.FLOAT64, 4, 3, 1, 8, 8);
        Tape tape = Tape.inference(device)) {
      fill(flow, 0.4);
      Var x = tape.constant(in);
      Mapped plain = flow.forward(x, null, null);
      Mapped under = flow.forwardUnder(Base.GAUSSIAN, x, plain.logDet(), null);
      double[] z = plain.value().value().toDoubleArray();
      assertArrayEquals(z, under.value().value().toDoubleArray(), 1e-12);
      double[] logDet = plain.logDet().value().toDoubleArray();
      double[] got = under.logDet().value().toDoubleArray();
      for (int n = 0; n < 3; n++) {
        double want = 2 * logDet[n];
        for (int i = 0; i < 64; i++) {
          want -= (z[64 * n + i] * z[64 * n + i] + Math.log(2 * Math.PI)) / 2;
        }
        assertEquals(want, got[n], 1e-9);
      }
    }
  }

  // Untrained, the flow only moves numbers: those at (0, 1) and (1, 0) of each block leave first.
  @Test
  void rowsHoldTheFineStructureFirst() {
    try (MultiScale flow = new MultiScale(device, DType.FLOAT64, config(1, 4, 2, Norm.WEIGHT));
        Tensor in = Tensor.zeros(device, DType.FLOAT64, 1, 1, 4, 4);
        Tape tape = Tape.inference(device)) {
      flow.initialise(1);
      double[] places = new double[16];
      for (int i = 0; i < 16; i++) {
        places[i] = i;
      }
      in.copyFrom(places);
      Mapped z = flow.forward(tape.constant(in), null, null);
      assertArrayEquals(
          new double[] {1, 3, 9, 11, 4, 6, 12, 14, 0, 2, 8, 10, 5, 7, 13, 15},
          z.value().value().toDoubleArray());
      assertEquals(0, z.logDet().item());
    }
  }

  @Test
  void alternatingCouplingsChangeEveryPixel() {
    RealNvpConfig config = config(1, 4, 1, Norm.WEIGHT);
    PictureSize size = config.size();
    try (Tensor in = random(DType.FLOAT64, 3, 1, 1, 4, 4);
        Coupling odd = MultiScale.checkerboard(device, DType.FLOAT64, config, size, 1, 3);
        Coupling even = MultiScale.checkerboard(device, DType.FLOAT64, config, size, 0, 3);
        Tape tape = Tape.inference(device)) {
      fill(odd, 0.6);
      fill(even, 0.6);
      Var x = tape.constant(in);
      Var y = odd.forward(x, null, null).value();
      double[] before = in.toDoubleArray();
      double[] after = y.value().toDoubleArray();
      for (int i = 0; i < 16; i++) {
        assertEquals((i / 4 + i % 4) % 2 == 0, before[i] == after[i], "pixel " + i);
      }
      y = odd.forward(even.forward(y, null, null).value(), null, null).value();
      after = y.value().toDoubleArray();
      for (int i = 0; i < 16; i++) {
        assertTrue(before[i] != after[i], "pixel " + i);
      }
    }
  }

  @Test
  void halvesOfTheChannelsTakeTurns() {
    RealNvpConfig config = config(1, 4, 1, Norm.WEIGHT);
    PictureSize size = new PictureSize(4, 2, 2);
    for (boolean first : new boolean[] {true, false}) {
      try (Tensor in = random(DType.FLOAT64, 3, 1, 4, 2, 2);
          Coupling coupling = MultiScale.half(device, DType.FLOAT64, config, size, first, 3);
          Tape tape = Tape.inference(device)) {
        fill(coupling, 0.6);
        double[] before = in.toDoubleArray();
        double[] after =
            coupling.forward(tape.constant(in), null, null).value().value().toDoubleArray();
        for (int i = 0; i < 16; i++) {
          assertEquals(first == i >= 8, before[i] == after[i], "element " + i);
        }
      }
    }
  }

  @Test
  void rowsOfOtherLengthsAreRefused() {
    try (MultiScale flow = new MultiScale(device, DType.FLOAT32, config(1, 4, 2, Norm.WEIGHT));
        Tensor rows = Tensor.zeros(device, 2, 15);
        Tape tape = Tape.inference(device)) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> flow.inverse(tape.constant(rows), null, null))
              .getMessage();
      assertEquals("expected rows [n, 16], got [2, 15]", message);
    }
  }
}
