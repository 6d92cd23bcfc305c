// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.generatrix.autograd.GradientCheck;
import org.generatrix.autograd.Gradients;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NormLayersTest {
  private final Device device = Device.cpu(1);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  private Tensor images(long... shape) {
    Random random = new Random(5);
    int size = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = 2 + 3 * random.nextFloat();
    }
    return Tensor.of(device, x, shape);
  }

  private <M extends Module> M begun(M module) {
    module.initialise(1);
    return module;
  }

  /** The mean and variance of x over the elements of a set. */
  private static void expectMoments(
      float[] x, java.util.function.IntPredicate in, double mean, double variance) {
    double sum = 0;
    double squares = 0;
    int count = 0;
    for (int i = 0; i < x.length; i++) {
      if (in.test(i)) {
        sum += x[i];
        squares += (double) x[i] * x[i];
        count++;
      }
    }
    assertEquals(mean, sum / count, 1e-4);
    assertEquals(variance, squares / count - sum / count * (sum / count), 1e-3);
  }

  // Oracle 69: output mean 0, variance 1; evaluation is affine by the running statistics.
  @Test
  void batchNormTrainsByTheBatchAndScoresByTheRunningStatistics() {
    try (BatchNorm layer = begun(new BatchNorm(device, 3));
        Tensor x = images(8, 3, 4, 4)) {
      assertEquals(List.of("weight", "bias"), List.copyOf(layer.parameters().keySet()));
      assertEquals(List.of("running_mean", "running_var"), List.copyOf(layer.buffers().keySet()));
      assertArrayEquals(new float[] {1, 1, 1}, layer.runningVar().toArray());
      for (int step = 0; step < 200; step++) {
        try (Tape tape = Tape.training(device, 1, step)) {
          Var y = layer.apply(tape.constant(x));
          Gradients g = tape.gradients(y.sum());
          assertNotNull(g.of(layer.weight()));
          if (step == 0) {
            float[] values = y.value().toArray();
            for (int c = 0; c < 3; c++) {
              int channel = c;
              expectMoments(values, i -> i / 16 % 3 == channel, 0, 1);
            }
            assertArrayEquals(new float[] {128, 128, 128}, g.of(layer.bias()).toArray());
          }
        }
      }
      float[] mean = layer.runningMean().toArray();
      float[] var = layer.runningVar().toArray();
      for (int c = 0; c < 3; c++) {
        int channel = c;
        expectMoments(
            x.toArray(), i -> i / 16 % 3 == channel, mean[c], var[c] * 127 / 128); // converged
      }
      try (Tape tape = Tape.inference(device)) {
        float[] values = layer.apply(tape.constant(x)).value().toArray();
        for (int i = 0; i < values.length; i++) {
          int c = i / 16 % 3;
          double expected = (x.toArray()[i] - mean[c]) / Math.sqrt(var[c] + 1e-5);
          assertEquals(expected, values[i], 1e-5);
        }
      }
      assertArrayEquals(mean, layer.runningMean().toArray());
      assertArrayEquals(var, layer.runningVar().toArray());
    }
  }

  @Test
  void eightThreadsScoreWithOneLayer() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (Sequential model =
            begun(
                new Sequential(
                    new BatchNorm(device, DType.FLOAT32, 3, 0.1, 1e-5, true, true),
                    new BatchRenorm(device, 3),
                    new InstanceNorm(device, 3)));
        Tensor x = images(4, 3, 5)) {
      float[] expected;
      try (Tape tape = Tape.inference(device)) {
        expected = model.apply(tape.constant(x)).value().toArray();
      }
      List<float[]> before = model.state().values().stream().map(Tensor::toArray).toList();
      List<Future<float[]>> results = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        results.add(
            threads.submit(
                () -> {
                  try (Tape tape = Tape.inference(device)) {
                    return model.apply(tape.constant(x)).value().toArray();
                  }
                }));
      }
      for (Future<float[]> result : results) {
        assertArrayEquals(expected, result.get());
      }
      List<float[]> after = model.state().values().stream().map(Tensor::toArray).toList();
      for (int i = 0; i < before.size(); i++) {
        assertArrayEquals(before.get(i), after.get(i));
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void renormIsBatchNormUntilItsBoundsOpen() {
    try (BatchRenorm renorm = begun(new BatchRenorm(device, DType.FLOAT32, 3, 0.1, 1e-5));
        BatchNorm batch = begun(new BatchNorm(device, 3));
        Tensor x = images(8, 3)) {
      try (Tape tape = Tape.training(device, 1, 0)) {
        assertArrayEquals(
            batch.apply(tape.constant(x)).value().toArray(),
            renorm.apply(tape.constant(x)).value().toArray());
      }
      renorm.bounds(100, 100);
      float[] evaluated;
      try (Tape tape = Tape.inference(device)) {
        evaluated = renorm.apply(tape.constant(x)).value().toArray();
      }
      try (Tape tape = Tape.training(device, 1, 1)) {
        assertArrayEquals(evaluated, renorm.apply(tape.constant(x)).value().toArray(), 1e-4f);
      }
      assertThrows(IllegalArgumentException.class, () -> renorm.bounds(0.5, 1));
      assertThrows(IllegalArgumentException.class, () -> renorm.bounds(2, Double.NaN));
    }
  }

  @Test
  void anExampleAmongReferencesDoesNotDependOnItsBatch() {
    try (ReferenceBatchNorm layer = begun(new ReferenceBatchNorm(device, 3, 4));
        Tensor x = images(6, 3, 4);
        Tensor one = x.rowsAt(new long[] {0, 1, 2, 3, 5});
        Tape tape = Tape.inference(device)) {
      float[] all = layer.apply(tape.constant(x)).value().toArray();
      float[] alone = layer.apply(tape.constant(one)).value().toArray();
      assertArrayEquals(Arrays.copyOfRange(all, 60, 72), Arrays.copyOfRange(alone, 48, 60));
      assertArrayEquals(Arrays.copyOf(all, 48), Arrays.copyOf(alone, 48));
    }
  }

  @Test
  void theOthersNormaliseWhatTheySay() {
    try (InstanceNorm instance = begun(new InstanceNorm(device, DType.FLOAT32, 3, 1e-5, true));
        GroupNorm group = begun(new GroupNorm(device, 1, 3));
        LayerNorm layer = begun(new LayerNorm(device, 3, 10));
        Tensor x = images(2, 3, 10);
        Tensor style = images(2, 3, 7);
        Tape tape = Tape.inference(device)) {
      Var v = tape.constant(x);
      expectMoments(instance.apply(v).value().toArray(), i -> i / 10 == 4, 0, 1);
      expectMoments(group.apply(v).value().toArray(), i -> i / 30 == 1, 0, 1);
      assertArrayEquals(group.apply(v).value().toArray(), layer.apply(v).value().toArray(), 1e-5f);
      float[] like = style.toArray();
      double mean = 0;
      double squares = 0;
      for (int i = 7; i < 14; i++) {
        mean += like[i] / 7.0;
        squares += (double) like[i] * like[i] / 7;
      }
      Var styled = new AdaptiveInstanceNorm().apply(v, tape.constant(style));
      expectMoments(styled.value().toArray(), i -> i / 10 == 1, mean, squares - mean * mean);
    }
  }

  @Test
  void weightNormHasRowsOfLengthG() {
    try (WeightNormLinear layer = begun(new WeightNormLinear(device, 40, 5));
        Tensor x = images(2, 40);
        Tape tape = Tape.training(device, 1, 0)) {
      assertEquals(
          List.of("weight_g", "weight_v", "bias"), List.copyOf(layer.parameters().keySet()));
      float[] w = layer.weight(tape).value().toArray();
      double squares = 0;
      for (int i = 0; i < 40; i++) {
        squares += (double) w[i] * w[i];
      }
      assertEquals(Math.sqrt(80.0 / 45), Math.sqrt(squares), 1e-6);
      Var y = layer.apply(tape.constant(x));
      assertArrayEquals(new long[] {2, 5}, y.shape());
      Gradients g = tape.gradients(y.sum());
      layer.parameters().values().forEach(p -> assertNotNull(g.of(p)));
    }
  }

  @Test
  void secondDerivativesOfBatchNormAreRefused() {
    try (Tensor x = Tensor.of(device, new double[] {1, 2, 4, 3}, 2, 2)) {
      assertThrows(
          UnsupportedOperationException.class,
          () ->
              GradientCheck.checkTwice(
                  device,
                  (tape, v) ->
                      org.generatrix.autograd.op.BatchNorm.train(
                          v[0], null, null, null, null, 0.1, 1e-3, false),
                  x));
    }
  }

  @Test
  void badSizesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new BatchNorm(device, 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> new BatchNorm(device, DType.FLOAT32, 3, 2, 1e-5, true, false));
    assertThrows(
        IllegalArgumentException.class, () -> new InstanceNorm(device, DType.FLOAT32, 3, 0, true));
    assertThrows(IllegalArgumentException.class, () -> new WeightNormLinear(device, 0, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> new GroupNorm(device, DType.FLOAT32, 2, 3, 1e-5, true));
    assertThrows(IllegalArgumentException.class, () -> new LayerNorm(device));
    assertThrows(IllegalArgumentException.class, () -> new ReferenceBatchNorm(device, 3, 0));
  }
}
