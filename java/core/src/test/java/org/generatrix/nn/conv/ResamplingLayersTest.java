// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Device;
import org.generatrix.nn.Layer;
import org.generatrix.nn.Module;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.nn.Sequential;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Layers that make pictures larger or smaller. */
class ResamplingLayersTest {
  private static final DType DOUBLE = DType.FLOAT64;
  private static final TapMask ALL = TapMask.all();
  private static final Window UP = Window.of(4, 4).stride(2).padding(1);
  private static final Window THREE = Window.of(3, 3).same();
  private final Device device = Device.cpu(2);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  private static void refused(String part, Executable call) {
    Exception e = assertThrows(IllegalArgumentException.class, call);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  private <L extends Module & Layer> void checked(L layer, long... shape) {
    try (layer) {
      LayerCheck.check(device, layer, shape);
    }
  }

  private long[] shapeOf(Layer layer, long... shape) {
    try (Tape tape = Tape.inference(device);
        Tensor x = Tensor.zeros(device, shape)) {
      return layer.apply(tape.constant(x)).shape();
    }
  }

  private double[] values(Layer layer, Tensor x) {
    try (Tape tape = Tape.inference(device)) {
      return layer.apply(tape.constant(x)).value().toDoubleArray();
    }
  }

  @Test
  void gradientsOfEveryLayer() {
    checked(new DecomposedConvTranspose(device, DOUBLE, 2, 3, 2, UP, true, false), 1, 2, 2, 3);
    checked(new DecomposedConvTranspose(device, DOUBLE, 4, 1, 2, UP, false, true), 1, 4, 2, 3);
    checked(
        new DecomposedConvTranspose(
            device, DOUBLE, 1, 2, 2, Window.of(2, 2, 3).stride(2), true, false),
        1,
        1,
        2,
        1,
        2);
    for (UpsampleConv.Resize resize : UpsampleConv.Resize.values()) {
      checked(new UpsampleConv(device, DOUBLE, 2, 2, 2, resize, THREE, true), 1, 2, 2, 3);
    }
    checked(new SubPixelConv(device, DOUBLE, 2, 1, 2, THREE, true), 1, 2, 2, 3);
    checked(
        new BilinearAdditiveUpsample(new ConvTranspose(device, DOUBLE, 4, 1, UP, ALL, true)),
        1,
        4,
        2,
        3);
    checked(
        new Sequential(
            new Conv(device, DOUBLE, 1, 2, THREE, ALL, true),
            MaxPool.of(2),
            Nonlinearity.TANH,
            AveragePool.of(2),
            new Flatten()),
        2,
        1,
        4,
        4);
    checked(
        new SpatialTransformer(
            device,
            DOUBLE,
            new Sequential(
                new Conv(device, DOUBLE, 1, 2, Window.of(3, 3), ALL, true), new Flatten()),
            2 * 4),
        1,
        1,
        4,
        4);
  }

  @Test
  void shapesAndNames() {
    try (DecomposedConvTranspose decomposed = new DecomposedConvTranspose(device, 6, 4, UP);
        UpsampleConv resized = new UpsampleConv(device, 3, 5, 3, THREE);
        SubPixelConv subPixel = new SubPixelConv(device, 3, 2, 3, THREE);
        BilinearAdditiveUpsample additive = new BilinearAdditiveUpsample();
        BilinearAdditiveUpsample beside =
            new BilinearAdditiveUpsample(new SubPixelConv(device, 8, 2, 2, THREE))) {
      assertArrayEquals(new long[] {2, 4, 8, 10}, shapeOf(decomposed, 2, 6, 4, 5));
      assertEquals(
          List.of("0.weight", "1.weight", "1.bias"), List.copyOf(decomposed.parameters().keySet()));
      assertEquals(4 * 6 * 4 + 4 * 4 * 4 + 4, decomposed.parameterCount());
      assertArrayEquals(new long[] {1, 5, 6, 12}, shapeOf(resized, 1, 3, 2, 4));
      assertArrayEquals(new long[] {1, 2, 6, 12}, shapeOf(subPixel, 1, 3, 2, 4));
      assertArrayEquals(new long[] {18, 3, 3, 3}, subPixel.parameters().get("conv.weight").shape());
      assertArrayEquals(new long[] {1, 2, 4, 6}, shapeOf(additive, 1, 8, 2, 3));
      assertArrayEquals(new long[] {1, 2, 4, 6}, shapeOf(beside, 1, 8, 2, 3));
      assertEquals(
          List.of("branch.conv.weight", "branch.conv.bias"),
          List.copyOf(beside.parameters().keySet()));
    }
    assertArrayEquals(new long[] {2, 3, 2, 3}, shapeOf(MaxPool.of(2), 2, 3, 4, 6));
    assertArrayEquals(
        new long[] {2, 3, 3, 3},
        shapeOf(new AveragePool(Window.of(2, 2).stride(1, 2)), 2, 3, 4, 6));
    assertArrayEquals(new long[] {2, 72}, shapeOf(new Flatten(), 2, 3, 4, 6));
  }

  /** A product of two lines is a kernel of rank 1. */
  @Test
  void factorsMultiplyToAKernel() {
    try (Tensor x = LayerCheck.random(device, 1, 1, 1, 3, 4);
        DecomposedConvTranspose factors =
            new DecomposedConvTranspose(device, DOUBLE, 1, 1, 1, UP, true, false);
        ConvTranspose whole = new ConvTranspose(device, DOUBLE, 1, 1, UP, ALL, true)) {
      LayerCheck.fill(factors);
      double[] a = factors.parameters().get("0.weight").toDoubleArray();
      double[] b = factors.parameters().get("1.weight").toDoubleArray();
      double[] product = new double[16];
      for (int i = 0; i < 16; i++) {
        product[i] = a[i / 4] * b[i % 4];
      }
      whole.weight().copyFrom(product);
      whole.bias().copyFrom(factors.parameters().get("1.bias"));
      assertArrayEquals(values(whole, x), values(factors, x), 1e-12);
      Layer fused = v -> factors.apply(v, Activation.ELU, 0.5);
      Layer apart = v -> whole.apply(v, Activation.ELU, 0.5);
      assertArrayEquals(values(apart, x), values(fused, x), 1e-12);
    }
  }

  // The bilinear additive up-sampling of a constant c gives 4 c (oracle 67).
  @Test
  void theResidualOfAConstantIsFourTimesIt() {
    try (Tensor x = Tensor.full(device, DOUBLE, 0.5, 1, 8, 2, 2);
        DecomposedConvTranspose layer =
            new DecomposedConvTranspose(device, DOUBLE, 8, 2, 3, UP, false, true);
        ConvTranspose branch = new ConvTranspose(device, DOUBLE, 8, 2, UP, ALL, false);
        BilinearAdditiveUpsample beside = new BilinearAdditiveUpsample(branch)) {
      for (Layer upsample : List.of(layer, new BilinearAdditiveUpsample(), beside)) {
        for (double y : values(upsample, x)) {
          assertEquals(2, y, 1e-15);
        }
      }
    }
  }

  // Oracle 51: the identity returns the input exactly.
  @Test
  void aTransformerBeginsAsTheIdentity() {
    Layer rows = x -> x.reshape(x.shape()[0], -1);
    try (Tensor x = LayerCheck.random(device, 1, 2, 3, 4, 5);
        SpatialTransformer layer = new SpatialTransformer(device, DOUBLE, rows, 60)) {
      layer.initialise(1);
      assertArrayEquals(x.toDoubleArray(), values(layer, x), 1e-12);
      try (Tape tape = Tape.inference(device)) {
        Var theta = layer.theta(tape.constant(x));
        assertArrayEquals(new long[] {2, 2, 3}, theta.shape());
      }
      // A shift of theta moves the picture.
      layer.parameters().get("theta.bias").copyFrom(new double[] {0, 0, 2, 0, 0, 0});
      double[] moved = values(layer, x);
      assertEquals(0, moved[4], "what comes from outside is 0");
      refused("expected x [N, C, H, W]", () -> shapeOf(layer, 2, 3, 4));
    }
  }

  @Test
  void layersRefuseNonsense() {
    refused(
        "rank of at least 1",
        () -> new DecomposedConvTranspose(device, DOUBLE, 2, 2, 0, UP, true, false));
    refused(
        "4 times as many",
        () -> new DecomposedConvTranspose(device, DOUBLE, 2, 2, 1, UP, true, true));
    refused("in one group", () -> new DecomposedConvTranspose(device, 2, 2, UP.groups(2)));
    refused("factor of at least 1", () -> new UpsampleConv(device, 1, 1, 0, THREE));
    refused("two axes", () -> new UpsampleConv(device, 1, 1, 2, Window.of(3)));
    refused("two axes", () -> new SubPixelConv(device, 1, 1, 2, Window.of(3)));
    refused("factor of at least 1", () -> new SubPixelConv(device, 1, 1, 0, THREE));
    try (UpsampleConv up = new UpsampleConv(device, 1, 1, 2, THREE)) {
      refused("expected x [N, C, H, W]", () -> shapeOf(up, 1, 1, 4));
    }
  }
}
