// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.generatrix.autograd.op.MaxPool;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Device;
import org.generatrix.binding.Resample.BlockOrder;
import org.generatrix.binding.Rng;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Identities and worked numbers of resampling; OpsTest has its values and gradients. */
class ResamplingTest {
  private final Device device = Device.cpu(1);
  private final Tape tape = Tape.training(device, 1, 0);

  @AfterEach
  void close() {
    tape.close();
    assertEquals(0, device.memory().live());
    device.close();
  }

  private Var of(float[] values, long... shape) {
    return tape.variable(tape.own(Tensor.of(device, values, shape)));
  }

  private Var random(long... shape) {
    return tape.variable(tape.own(Tensor.normal(device, new Rng(1, 2), shape)));
  }

  private static float[] counted(int n) {
    float[] values = new float[n];
    IntStream.range(0, n).forEach(i -> values[i] = i + 1);
    return values;
  }

  private static void expect(Var actual, double... values) {
    float[] got = actual.value().toArray();
    assertEquals(values.length, got.length);
    for (int i = 0; i < got.length; i++) {
      assertEquals(values[i], got[i], 5e-5, "element " + i);
    }
  }

  /** Oracles 59 and 67. */
  @Test
  void depthToSpaceAndUnsqueezeAreInverses() {
    Var x = random(2, 3, 4, 6);
    for (BlockOrder order : BlockOrder.values()) {
      Var y = Resampling.spaceToDepth(x, 2, order);
      assertArrayEquals(new long[] {2, 12, 2, 3}, y.shape());
      Var back = Resampling.depthToSpace(y, 2, order);
      assertArrayEquals(x.value().toArray(), back.value().toArray());
    }
    Var squeezed = Resampling.squeeze(x);
    assertArrayEquals(Resampling.spaceToDepth(x, 2).value().toArray(), squeezed.value().toArray());
    assertArrayEquals(x.value().toArray(), Resampling.unsqueeze(squeezed).value().toArray());
  }

  /** The four pixels of a channel stay together, row by row. */
  @Test
  void squeezingIsInTheOrderOfRealNvp() {
    Var x = of(counted(16), 1, 1, 4, 4);
    expect(Resampling.squeeze(x), 1, 3, 9, 11, 2, 4, 10, 12, 5, 7, 13, 15, 6, 8, 14, 16);
    expect(
        Resampling.spaceToDepth(x, 2, BlockOrder.BY_CHECKERBOARD),
        1,
        3,
        9,
        11,
        6,
        8,
        14,
        16,
        2,
        4,
        10,
        12,
        5,
        7,
        13,
        15);
  }

  /** Oracle 67. */
  @Test
  void bilinearAdditiveOfAConstantIsFourTimesIt() {
    Var x = tape.constant(tape.own(Tensor.full(device, DType.FLOAT32, 1.5, 2, 8, 3, 5)));
    Var y = Resampling.bilinearAdditive(x);
    assertArrayEquals(new long[] {2, 2, 6, 10}, y.shape());
    float[] expected = new float[(int) y.size()];
    Arrays.fill(expected, 6);
    assertArrayEquals(expected, y.value().toArray());
  }

  /** Oracle 67. */
  @Test
  void theAdjointOfNearestIsASumPool() {
    Var x = random(2, 3, 4, 5);
    Var dy = random(2, 3, 12, 15);
    Var dx = tape.differentiate(Resampling.upsampleNearest(x, 3), dy.value(), false, x)[0];
    assertArrayEquals(
        Resampling.sumPool(dy, Window.of(3, 3).stride(3)).value().toArray(),
        dx.value().toArray(),
        1e-5f);
  }

  /** Oracle 67, and the numbers of torch's documentation of MaxUnpool2d. */
  @Test
  void unpoolingPutsEachMaximumAtItsPlaceOrInTheCorner() {
    Var x = of(counted(16), 1, 1, 4, 4);
    MaxPool.Found found = Resampling.maxPoolWithIndex(x, Window.of(2, 2).stride(2));
    expect(found.y(), 6, 8, 14, 16);
    expect(found.index(), 5, 7, 13, 15);
    expect(
        Resampling.unpool(found.y(), found.index(), 4, 4),
        0,
        0,
        0,
        0,
        0,
        6,
        0,
        8,
        0,
        0,
        0,
        0,
        0,
        14,
        0,
        16);
    expect(
        Resampling.unpoolUpperLeft(found.y(), 2), 6, 0, 8, 0, 0, 0, 0, 0, 14, 0, 16, 0, 0, 0, 0, 0);
  }

  /** The lecture of EE-559 on transposed convolutions: F.interpolate by 3, both ways. */
  @Test
  void interpolatesAsTheLecture() {
    Var x = of(counted(4), 1, 1, 2, 2);
    double third = 1.0 / 3;
    double[] row = {1, 1, 1 + third, 2 - third, 2, 2};
    double[] down = {0, 0, 2 * third, 4 * third, 2, 2};
    expect(
        Resampling.upsampleBilinear(x, 6, 6, false),
        IntStream.range(0, 36).mapToDouble(i -> row[i % 6] + down[i / 6]).toArray());
    expect(
        Resampling.upsampleNearest(x, 3),
        IntStream.range(0, 36).mapToDouble(i -> 1 + i % 6 / 3 + i / 18 * 2).toArray());
  }

  /** torch's documentation of Upsample, AvgPool1d and ReflectionPad2d. */
  @Test
  void givesTheNumbersOfTorchsDocumentation() {
    Var x = of(counted(4), 1, 1, 2, 2);
    expect(
        Resampling.upsampleBilinear(x, 4, 4, false),
        1,
        1.25,
        1.75,
        2,
        1.5,
        1.75,
        2.25,
        2.5,
        2.5,
        2.75,
        3.25,
        3.5,
        3,
        3.25,
        3.75,
        4);
    expect(
        Resampling.upsampleBilinear(x, 4, 4, true),
        1,
        1.3333,
        1.6667,
        2,
        1.6667,
        2,
        2.3333,
        2.6667,
        2.3333,
        2.6667,
        3,
        3.3333,
        3,
        3.3333,
        3.6667,
        4);
    expect(Resampling.averagePool(of(counted(7), 1, 1, 7), Window.of(3).stride(2)), 2, 4, 6);
    expect(
        Resampling.padReflect(of(counted(9), 1, 1, 3, 3), 2, 0, 1, 1),
        8,
        7,
        8,
        9,
        8,
        5,
        4,
        5,
        6,
        5,
        2,
        1,
        2,
        3,
        2,
        5,
        4,
        5,
        6,
        5,
        8,
        7,
        8,
        9,
        8);
  }

  /** Oracle 51. */
  @Test
  void theIdentityOfASpatialTransformerGivesThePictureBack() {
    Var x = random(2, 3, 8, 16);
    Var theta = of(new float[] {1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0}, 2, 2, 3);
    Var y = Resampling.gridSample(x, Resampling.affineGrid(theta, 8, 16));
    assertArrayEquals(x.value().toArray(), y.value().toArray());
    Var z =
        Resampling.gridSample(
            random(1, 2, 9, 5),
            Resampling.affineGrid(of(new float[] {1, 0, 0, 0, 1, 0}, 1, 2, 3), 9, 5, true),
            true);
    assertArrayEquals(random(1, 2, 9, 5).value().toArray(), z.value().toArray());
  }

  /** What is not needed is not made. */
  @Test
  void inferenceKeepsNoIndices() {
    try (Tape inference = Tape.inference(device)) {
      Var x = inference.constant(random(1, 1, 4, 4).value());
      long before = device.memory().live();
      Resampling.maxPool(x, Window.of(2, 2).stride(2));
      assertEquals(before + 16, device.memory().live());
    }
  }
}
