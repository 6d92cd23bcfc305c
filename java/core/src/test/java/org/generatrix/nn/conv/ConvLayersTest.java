// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import static org.generatrix.autograd.Functions.square;
import static org.generatrix.autograd.Functions.sum;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.generatrix.autograd.Convolutions;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Device;
import org.generatrix.nn.Initialiser;
import org.generatrix.nn.Layer;
import org.generatrix.nn.Module;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.nn.Sequential;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ConvLayersTest {
  private static final DType DOUBLE = DType.FLOAT64;
  private static final TapMask ALL = TapMask.all();
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
    Window two = Window.of(2, 2);
    checked(new Conv(device, DOUBLE, 2, 3, two.stride(2).padding(1), ALL, true), 2, 2, 3, 4);
    checked(new Conv(device, DOUBLE, 2, 2, Window.of(3).groups(2), ALL, false), 2, 2, 5);
    checked(
        new ConvTranspose(device, DOUBLE, 2, 3, two.stride(2).outputPadding(1), ALL, true),
        1,
        2,
        2,
        3);
    Window three = Window.of(3, 3).same();
    checked(
        new MaskedConv(device, DOUBLE, 3, 3, three, TapMask.causal(three, false, 3), true),
        1,
        3,
        3,
        3);
    checked(new SeparableConvTranspose(device, DOUBLE, 2, 3, two.stride(2), true), 1, 2, 2, 2);
    checked(new ContextBlock(device, DOUBLE, 2, 1, 2), 1, 2, 4, 4);
    checked(new SqueezeExcitation(device, DOUBLE, 4, 2), 2, 4, 2, 3);
    checked(new ResidualBlock(device, DOUBLE, 2, 3, 2), 2, 2, 3, 4);
    checked(new ResidualBlock(device, DOUBLE, 2, 2, 1), 2, 2, 2, 3);
    checked(
        new UNetBlock(
            new Conv(device, DOUBLE, 1, 2, two.stride(2), ALL, true),
            Nonlinearity.TANH,
            new ConvTranspose(device, DOUBLE, 2, 1, two.stride(2), ALL, true)),
        1,
        1,
        4,
        2);
    checked(
        new Sequential(
            new Conv(device, DOUBLE, 1, 2, two, ALL, true), Nonlinearity.ELU, new Flatten()),
        2,
        1,
        3,
        3);
  }

  @Test
  void normalisedWeightsHaveTheLengthsThatAreLearned() {
    Window w = Window.of(3, 2).groups(2).padding(1);
    checked(new WeightNormConv(device, DOUBLE, 4, 2, w, true), 2, 4, 3, 3);
    try (WeightNormConv layer = new WeightNormConv(device, DOUBLE, 4, 6, w, false);
        Tensor x = LayerCheck.random(device, 5, 1, 4, 3, 3);
        Tape tape = Tape.inference(device)) {
      assertArrayEquals(new long[] {6, 1, 1, 1}, layer.parameters().get("weight_g").shape());
      assertArrayEquals(new long[] {6, 2, 3, 2}, layer.parameters().get("weight_v").shape());
      layer.initialise(1);
      Var weight = layer.weight(tape);
      double[] lengths = sum(square(weight), 1, 2, 3).value().toDoubleArray();
      assertArrayEquals(new double[] {2, 2, 2, 2, 2, 2}, lengths, 1e-12);
      double[] want = Convolutions.conv(tape.constant(x), weight, null, w).value().toDoubleArray();
      assertArrayEquals(want, values(layer, x), 1e-12);
    }
    refused(
        "3 in and 4 out", () -> new WeightNormConv(device, 3, 4, Window.of(3).groups(2)).close());
  }

  @Test
  void namesAndShapesAreThoseOfPyTorch() {
    try (Conv conv = new Conv(device, 4, 6, Window.of(3, 5).groups(2));
        ConvTranspose up = new ConvTranspose(device, 4, 6, Window.of(3).stride(2).groups(2));
        Conv line = new Conv(device, DType.FLOAT32, 2, 3, Window.of(3), ALL, false)) {
      assertEquals(List.of("weight", "bias"), List.copyOf(conv.parameters().keySet()));
      assertArrayEquals(new long[] {6, 2, 3, 5}, conv.weight().shape());
      assertArrayEquals(new long[] {6}, conv.bias().shape());
      assertArrayEquals(new long[] {4, 3, 3}, up.weight().shape());
      assertArrayEquals(new long[] {2, 6, 9}, shapeOf(up, 2, 4, 4));
      assertNull(line.bias());
      assertEquals(4, conv.in());
      assertEquals(6, conv.out());
      assertEquals(Window.of(3).stride(2).groups(2), up.window());
      assertEquals(ALL, up.mask());
    }
    try (ResidualBlock block = new ResidualBlock(device, DType.FLOAT32, 2, 4, 2);
        SqueezeExcitation se = new SqueezeExcitation(device, 32);
        SeparableConvTranspose separable =
            new SeparableConvTranspose(device, 2, 3, Window.of(4, 4).stride(2).padding(1));
        ContextBlock context = new ContextBlock(device, 2)) {
      assertEquals(
          List.of(
              "conv1.weight",
              "bn1.weight",
              "bn1.bias",
              "conv2.weight",
              "bn2.weight",
              "bn2.bias",
              "downsample.0.weight",
              "downsample.1.weight",
              "downsample.1.bias"),
          List.copyOf(block.parameters().keySet()));
      assertArrayEquals(new long[] {1, 4, 3, 2}, shapeOf(block, 1, 2, 6, 4));
      assertArrayEquals(new long[] {2, 32}, se.parameters().get("fc1.weight").shape());
      assertEquals(
          List.of("depthwise.weight", "pointwise.weight", "pointwise.bias"),
          List.copyOf(separable.parameters().keySet()));
      assertArrayEquals(new long[] {1, 3, 8, 8}, shapeOf(separable, 1, 2, 4, 4));
      assertEquals(2 * 16 + 2 * 3 + 3, separable.parameterCount());
      assertEquals(8 * 2, context.parameters().size());
    }
  }

  @Test
  void activationsAreFused() {
    try (Tensor x = LayerCheck.random(device, 1, 2, 2, 4, 4);
        Conv conv = new Conv(device, DOUBLE, 2, 3, Window.of(3, 3), ALL, true)) {
      LayerCheck.fill(conv);
      for (Nonlinearity f : Nonlinearity.values()) {
        double[] expected = values(v -> f.apply(conv.apply(v)), x);
        assertArrayEquals(expected, values(v -> conv.apply(v, f), x), 1e-12, f.name());
        try (Sequential both = new Sequential(new Flat(conv), f)) {
          assertArrayEquals(expected, values(both, x), 1e-12, f.name());
        }
      }
      double[] leaky = values(v -> conv.apply(v, Activation.LEAKY_RELU, 0.2), x);
      double[] linear = values(conv, x);
      for (int i = 0; i < leaky.length; i++) {
        assertEquals(linear[i] > 0 ? linear[i] : 0.2 * linear[i], leaky[i], 1e-12);
      }
    }
  }

  /** A layer that a Sequential fuses but does not own. */
  private record Flat(Conv conv) implements org.generatrix.nn.Fusible {
    @Override
    public Var apply(Var x, Activation f, double p) {
      return conv.apply(x, f, p);
    }
  }

  // Oracle 71: zero gate weights give 0.5 x.
  @Test
  void anOpenGateLetsHalfThrough() {
    try (Tensor x = LayerCheck.random(device, 1, 2, 3, 2, 2);
        SqueezeExcitation se = new SqueezeExcitation(device, DOUBLE, 3, 2)) {
      double[] in = x.toDoubleArray();
      double[] out = values(se, x);
      for (int i = 0; i < in.length; i++) {
        assertEquals(0.5 * in[i], out[i], 1e-15);
      }
      refused("expected x [N, 3, pixels ..]", () -> shapeOf(se, 2, 4, 2, 2));
      refused("expected x [N, 3, pixels ..]", () -> shapeOf(se, 2, 3));
    }
  }

  // Oracle 71: a dilated convolution is one with a kernel stuffed with zeros.
  @Test
  void dilationIsAKernelWithHoles() {
    try (Tensor x = LayerCheck.random(device, 1, 1, 2, 9, 9);
        Conv dilated = new Conv(device, DOUBLE, 2, 2, Window.of(3, 3).dilation(3), ALL, true);
        Conv stuffed = new Conv(device, DOUBLE, 2, 2, Window.of(7, 7), ALL, true)) {
      LayerCheck.fill(dilated);
      stuffed.bias().copyFrom(dilated.bias());
      double[] few = dilated.weight().toDoubleArray();
      double[] many = new double[4 * 49];
      for (int i = 0; i < few.length; i++) {
        many[i / 9 * 49 + i % 9 / 3 * 21 + i % 3 * 3] = few[i];
      }
      stuffed.weight().copyFrom(many);
      assertArrayEquals(values(stuffed, x), values(dilated, x), 1e-12);
    }
  }

  // Oracle 71: with dilations 1, 2, 4 a pixel sees 3, 7, 15 across (Yu and Koltun, figure 1).
  @Test
  void fieldsGrowExponentially() {
    int[][] dilations = {{1}, {1, 2}, {1, 2, 4}};
    int[] fields = {3, 7, 15};
    for (int i = 0; i < fields.length; i++) {
      try (ContextBlock block = new ContextBlock(device, DOUBLE, 1, dilations[i]);
          Tensor x = Tensor.full(device, DOUBLE, 1, 1, 1, 21, 21);
          Tensor middle = Tensor.zeros(device, DOUBLE, 1, 1, 21, 21);
          Tape tape = Tape.training(device, 1, 0)) {
        block.parameters().values().forEach(w -> w.copyFrom(ones(w)));
        middle.set(1, 0, 0, 10, 10);
        double[] dx = tape.gradients(block.apply(tape.variable(x)), middle).of(x).toDoubleArray();
        int half = fields[i] / 2;
        for (int at = 0; at < dx.length; at++) {
          boolean inside = Math.abs(at / 21 - 10) <= half && Math.abs(at % 21 - 10) <= half;
          assertEquals(inside, dx[at] != 0, "pixel " + at);
        }
        assertEquals(fields[i], block.receptiveField());
      }
    }
  }

  private static double[] ones(Tensor like) {
    double[] ones = new double[(int) like.size()];
    java.util.Arrays.fill(ones, 1);
    return ones;
  }

  @Test
  void aContextBlockBeginsAsTheIdentity() {
    try (ContextBlock block = new ContextBlock(device, 3);
        Tensor x = Tensor.uniform(device, new org.generatrix.binding.Rng(1, 0), 1, 3, 8, 8)) {
      block.initialise(1);
      assertArrayEquals(x.toDoubleArray(), values(block, x));
      assertEquals(67, block.receptiveField());
    }
  }

  /** Each output pixel of a layer as it begins has about twice the variance of x's. */
  @Test
  void weightsBeginWithTheVarianceOfHe() {
    Window up = Window.of(4, 4).stride(2).padding(1);
    Window seven = Window.of(7, 7);
    try (Conv conv = new Conv(device, 32, 64, Window.of(5, 5));
        Conv masked = new MaskedConv(device, 16, 64, seven, TapMask.causal(seven, true, 1));
        Conv grouped = new Conv(device, 32, 64, Window.of(3, 3).groups(2));
        ConvTranspose transposed = new ConvTranspose(device, 32, 64, up)) {
      variance(conv, 2.0 / (32 * 25));
      variance(masked, 2.0 / (16 * 25));
      variance(grouped, 2.0 / (16 * 9));
      variance(transposed, 2.0 / (32 * 4));
    }
    Initialiser dcgan = Initialiser.dcgan();
    try (Conv conv = new Conv(device, DType.FLOAT32, 16, 64, seven, ALL, false, dcgan)) {
      variance(conv, 4e-4);
    }
  }

  private static void variance(ConvLayer layer, double expected) {
    layer.initialise(5);
    double sum = 0;
    for (float w : layer.weight().toArray()) {
      sum += w * w;
    }
    assertEquals(expected, sum / layer.weight().size(), 0.05 * expected);
    for (float b : layer.bias() == null ? new float[0] : layer.bias().toArray()) {
      assertEquals(0, b);
    }
  }

  @Test
  void identityKernels() {
    try (Tensor w = Tensor.ones(device, 2, 3, 1, 3);
        Tensor even = Tensor.ones(device, 2, 2, 2)) {
      Initialiser.identityKernel().fill(w, 1);
      float[] expected = new float[18];
      expected[1] = 1;
      expected[13] = 1;
      assertArrayEquals(expected, w.toArray());
      refused("a kernel with a middle", () -> Initialiser.identityKernel().fill(even, 1));
    }
  }

  @Test
  void layersRefuseNonsense() {
    Window w = Window.of(3, 3);
    refused("expected channels", () -> new Conv(device, 0, 1, w));
    refused("expected channels", () -> new ConvTranspose(device, 1, 0, w));
    refused("expected channels", () -> new Conv(device, 3, 4, w.groups(2)));
    refused("in one group", () -> new SeparableConvTranspose(device, 2, 4, w.groups(2)));
    refused("in one group", () -> new SeparableConvTranspose(device, 0, 4, w));
    try (UNetBlock block =
        new UNetBlock(
            new Conv(device, 1, 1, Window.of(2, 2).stride(2)),
            x -> x,
            new ConvTranspose(device, 1, 1, Window.of(2, 2).stride(2)))) {
      assertArrayEquals(new long[] {3, 2, 4, 6}, shapeOf(block, 3, 1, 4, 6));
      refused("expected to come back up", () -> shapeOf(block, 1, 1, 5, 4));
      assertEquals(
          List.of("down.weight", "down.bias", "up.weight", "up.bias"),
          List.copyOf(block.parameters().keySet()));
    }
    assertEquals(Map.of(), new UNetBlock(x -> x, x -> x, x -> x).parameters());
  }
}
