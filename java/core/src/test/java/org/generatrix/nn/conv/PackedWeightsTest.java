// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.generatrix.autograd.Convolutions;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.PackedWeights;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Device;
import org.generatrix.binding.Rng;
import org.generatrix.model.ModelFile;
import org.generatrix.optim.Optimizer;
import org.generatrix.optim.OptimizerConfig;
import org.generatrix.optim.Rule;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights are packed once, and again whenever they have changed, whatever changed them. */
class PackedWeightsTest {
  private static final Window WINDOW = Window.of(4, 4).stride(2).padding(1);
  private final Device device = Device.cpu(2);
  private final Tensor x = Tensor.normal(device, new Rng(1, 0), 2, 16, 8, 8);

  @AfterEach
  void everythingIsFreed() {
    x.close();
    assertEquals(0, device.memory().live());
    device.close();
  }

  private record None() {}

  /** What the layer makes, and its input's gradient, are bit for bit those of fresh weights. */
  private void fresh(ConvLayer layer) {
    assertArrayEquals(run(layer, false), run(layer, true));
  }

  private float[] run(ConvLayer layer, boolean functional) {
    try (Tape tape = Tape.training(device, 1, 0)) {
      Var in = tape.variable(x);
      Var y =
          functional
              ? layer instanceof Conv
                  ? Convolutions.conv(
                      in, tape.variable(layer.weight()), tape.variable(layer.bias()), WINDOW)
                  : Convolutions.convTranspose(
                      in, tape.variable(layer.weight()), tape.variable(layer.bias()), WINDOW)
              : layer.apply(in);
      float[] dx = tape.gradients(y, y.value()).of(x).toArray();
      float[] both = java.util.Arrays.copyOf(dx, dx.length + (int) y.size());
      System.arraycopy(y.value().toArray(), 0, both, dx.length, (int) y.size());
      return both;
    }
  }

  @Test
  void whateverChangesTheWeights(@TempDir Path folder) throws IOException {
    for (boolean transposed : new boolean[] {false, true}) {
      try (ConvLayer layer = layer(transposed);
          ConvLayer other = layer(transposed);
          Optimizer optimizer =
              new Optimizer(
                  layer.parameters(), OptimizerConfig.of(Rule.adam(), 0.1).withEma(0.5))) {
        fresh(layer);
        layer.initialise(7);
        fresh(layer);
        for (int i = 0; i < 3; i++) {
          long version = layer.weight().version();
          try (Tape tape = Tape.training(device, 1, i)) {
            optimizer.step(tape.gradients(layer.apply(tape.constant(x)).mean()));
          }
          assertTrue(layer.weight().version() > version);
          fresh(layer);
        }
        try (var averaged = optimizer.ema().apply()) {
          fresh(layer);
        }
        fresh(layer);
        other.initialise(9);
        layer.copyFrom(other);
        fresh(layer);
        assertArrayEquals(run(other, false), run(layer, false));
        layer.weight().set(5, 1, 2, 3, 0);
        fresh(layer);
        layer.weight().reshape(-1).slice(new long[] {3}, new long[] {9}).copyFrom(new float[6]);
        fresh(layer);
        Path file = folder.resolve("layer" + transposed);
        ModelFile.Writer writer = ModelFile.writer("test", new None());
        other.write(writer);
        writer.save(file);
        layer.initialise(3);
        fresh(layer);
        try (ModelFile read = ModelFile.read(file, "test")) {
          layer.read(read);
        }
        fresh(layer);
        assertArrayEquals(run(other, false), run(layer, false));
        optimizer.ema().copyTo(layer.parameters());
        fresh(layer);
      }
    }
  }

  private ConvLayer layer(boolean transposed) {
    ConvLayer layer =
        transposed ? new ConvTranspose(device, 16, 32, WINDOW) : new Conv(device, 16, 32, WINDOW);
    layer.initialise(1);
    return layer;
  }

  @Test
  void threadsShareALayer() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (ConvLayer layer = layer(false)) {
      float[] expected = run(layer, true);
      List<Future<float[]>> results = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        results.add(threads.submit(() -> run(layer, false)));
      }
      for (Future<float[]> result : results) {
        assertArrayEquals(expected, result.get());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void ownsItsMemoryAndNothingElse() {
    Tensor weight = Tensor.ones(device, 8, 16, 4, 4);
    Tensor wrong = Tensor.ones(device, 8, 16, 4, 4);
    PackedWeights packed = new PackedWeights(weight);
    TapMask all = TapMask.all();
    try (Tape tape = Tape.inference(device)) {
      Var in = tape.constant(x);
      Convolutions.conv(in, tape.constant(weight), null, WINDOW, all, Activation.NONE, 0, packed);
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () ->
                      Convolutions.conv(
                          in, tape.constant(wrong), null, WINDOW, all, Activation.NONE, 0, packed))
              .getMessage();
      assertTrue(message.contains("the weight that was packed"), message);
      packed.close();
      packed.close();
      assertThrows(
          IllegalStateException.class,
          () ->
              Convolutions.conv(
                  in, tape.constant(weight), null, WINDOW, all, Activation.NONE, 0, packed));
    }
    weight.close();
    wrong.close();
  }
}
