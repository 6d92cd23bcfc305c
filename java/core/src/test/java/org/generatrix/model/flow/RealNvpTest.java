// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.generatrix.autograd.Tape;
import org.generatrix.binding.Device;
import org.generatrix.binding.Rng;
import org.generatrix.model.ConfigJson;
import org.generatrix.model.autoregressive.ImageShape;
import org.generatrix.model.flow.RealNvpConfig.Norm;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RealNvpTest {
  private static final ImageShape IMAGE = new ImageShape(1, 8, 8, 256);
  private final Device device = Device.cpu(2);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  private static RealNvpConfig config(Norm norm) {
    return RealNvpConfig.of(IMAGE, 4, 1).withNorm(norm);
  }

  private RealNvp model(RealNvpConfig config) {
    return RealNvp.create(device, config, 1);
  }

  /** Of random parameters, as if it had been trained. */
  private RealNvp filled(RealNvpConfig config) {
    RealNvp model = model(config);
    MultiScaleTest.fill(model, 0.3);
    return model;
  }

  /** Intensities of bytes. */
  private Tensor images(int n) {
    Tensor x = Tensor.uniform(device, new Rng(7, 7), n, 64);
    float[] values = x.toArray();
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.round(255 * values[i]) / 255f;
    }
    x.copyFrom(values);
    return x;
  }

  // Oracle 60: untrained, it is the base density of the logits.
  @ParameterizedTest
  @EnumSource(Norm.class)
  void untrainedItIsTheBaseDensityOfTheLogits(Norm norm) {
    try (RealNvp model = model(config(norm));
        Tensor x = images(3);
        Tensor z = model.encode(x)) {
      double[] nats = model.logLikelihood(x);
      float[] latents = z.toArray();
      float[] values = x.toArray();
      double[] want = new double[3];
      for (int i = 0; i < latents.length; i++) {
        double p = 1 / (1 + Math.exp(-latents[i]));
        want[i / 64] +=
            -(latents[i] * (double) latents[i] + Math.log(2 * Math.PI)) / 2
                + Math.log(0.9)
                - Math.log(p)
                - Math.log(1 - p);
      }
      assertArrayEquals(want, nats, 2e-3);
      // And these are the pixels, each within its level.
      List<Integer> levels = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        double p = 1 / (1 + Math.exp(-latents[i]));
        levels.add((int) Math.floor(256 * (p - 0.05) / 0.9));
      }
      List<Integer> pixels = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        pixels.add(Math.round(255 * values[i]));
      }
      levels.sort(null);
      pixels.sort(null);
      assertEquals(pixels, levels);
    }
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void imagesComeBackFromTheirLatents(Norm norm) {
    try (RealNvp model = filled(config(norm));
        Tensor x = images(40);
        Tensor z = model.encode(x);
        Tensor back = model.decode(z)) {
      float[] want = x.toArray();
      float[] got = back.toArray();
      int off = 0; // by a level, where the noise lay at the edge of it
      for (int i = 0; i < want.length; i++) {
        assertEquals(want[i], got[i], 1.5 / 255);
        off += Math.abs(want[i] - got[i]) > 0.5 / 255 ? 1 : 0;
      }
      assertTrue(off < want.length / 50, off + " levels of " + want.length);
    }
  }

  @Test
  void interpolationsEndAtTheImages() {
    try (RealNvp model = filled(config(Norm.WEIGHT));
        Tensor both = images(2);
        Tensor a = both.rowsAt(new long[] {0});
        Tensor b = both.rowsAt(new long[] {1});
        Tensor path = model.interpolate(a, b, 4)) {
      assertArrayEquals(new long[] {4, 64}, path.shape());
      float[] all = path.toArray();
      assertArrayEquals(a.toArray(), Arrays.copyOf(all, 64), 1.5f / 255);
      assertArrayEquals(b.toArray(), Arrays.copyOfRange(all, 192, 256), 1.5f / 255);
    }
  }

  @Test
  void scoresAreTheSameFromSeveralThreads() throws Exception {
    try (RealNvp model = filled(config(Norm.BATCH));
        Tensor x = images(70)) {
      double[] nats = model.logLikelihood(x);
      double[] samples = doubles(model.sample(3, 5));
      assertTrue(Arrays.stream(nats).allMatch(Double::isFinite));
      ExecutorService pool = Executors.newFixedThreadPool(3);
      try {
        List<Callable<double[]>> calls = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
          boolean scores = i % 2 == 0;
          calls.add(() -> scores ? model.logLikelihood(x) : doubles(model.sample(3, 5)));
        }
        List<Future<double[]>> got = pool.invokeAll(calls);
        for (int i = 0; i < got.size(); i++) {
          assertArrayEquals(i % 2 == 0 ? nats : samples, got.get(i).get());
        }
      } finally {
        pool.shutdown();
      }
    }
  }

  private static double[] doubles(Tensor tensor) {
    try (tensor) {
      return tensor.toDoubleArray();
    }
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void trainingLowersTheLoss(Norm norm) {
    try (RealNvp model = model(config(norm));
        Tensor x = images(16);
        FlowTraining training =
            new FlowTraining(model, x, FlowTrainingConfig.of(12).withBatchSize(16))) {
      double before = mean(model.logLikelihood(x));
      while (training.epoch() < training.epochs()) {
        training.step();
      }
      double after = mean(model.logLikelihood(x));
      assertTrue(after > before + 5, before + " to " + after);
    }
  }

  // The running statistics belong to weights as they are trained; averages have others.
  @Test
  void averagedWeightsHaveStatisticsOfTheirOwn() {
    try (RealNvp model = model(config(Norm.BATCH));
        Tensor x = images(16);
        FlowTraining training =
            new FlowTraining(
                model, x, FlowTrainingConfig.of(12).withBatchSize(16).withLearningRate(0.03))) {
      while (training.epoch() < training.epochs()) {
        training.step();
      }
      double[] trained = model.logLikelihood(x);
      double[] averaged;
      try (FlowTraining.Averaged weights = training.averaged()) {
        averaged = model.logLikelihood(x);
      }
      assertArrayEquals(trained, model.logLikelihood(x));
      try (FlowTraining.Averaged weights = training.averaged()) {
        assertArrayEquals(averaged, model.logLikelihood(x));
        // More passes change nothing to speak of.
        for (int i = 0; i < 20; i++) {
          try (Tape tape = Tape.training(device, 1, i)) {
            model.logLikelihood(model.input(tape, x), null);
          }
        }
        assertEquals(mean(averaged), mean(model.logLikelihood(x)), 1);
      }
      assertArrayEquals(trained, model.logLikelihood(x));
    }
  }

  private static double mean(double... values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void aFileHoldsAllOfIt(Norm norm, @TempDir Path folder) throws IOException {
    Path path = folder.resolve("flow.safetensors");
    try (RealNvp model = filled(config(norm).withContext(3));
        Tensor x = images(4);
        Tensor context = Tensor.oneHot(device, new long[] {0, 2, 1, 1}, 3)) {
      model.save(path);
      try (FlowModel loaded = FlowModel.load(path, device)) {
        assertEquals(model.config(), loaded.config());
        assertArrayEquals(model.logLikelihood(x, context), loaded.logLikelihood(x, context));
        assertArrayEquals(
            doubles(model.sample(4, 1, context, 2)), doubles(loaded.sample(4, 1, context, 2)));
      }
    }
  }

  @Test
  void everyCouplingKnowsTheContext() {
    try (RealNvp model = filled(config(Norm.WEIGHT).withContext(2));
        Tensor x = images(2);
        Tensor one = Tensor.oneHot(device, new long[] {0, 0}, 2);
        Tensor other = Tensor.oneHot(device, new long[] {0, 1}, 2)) {
      double[] a = model.logLikelihood(x, one);
      double[] b = model.logLikelihood(x, other);
      assertEquals(a[0], b[0]);
      assertTrue(Math.abs(a[1] - b[1]) > 1e-3, a[1] + " and " + b[1]);
      long contexts =
          model.parameters().keySet().stream().filter(n -> n.endsWith("context.weight")).count();
      assertEquals(6 + 6 + 4, contexts);
      assertThrows(IllegalArgumentException.class, () -> model.logLikelihood(x));
    }
  }

  @Test
  void samplesAreLevels() {
    try (RealNvp model = filled(config(Norm.BATCH));
        Tensor cold = model.sample(2, 0, null, 1);
        Tensor samples = model.sample(2, 1)) {
      assertArrayEquals(new long[] {2, 64}, samples.shape());
      for (float v : samples.toArray()) {
        assertTrue(v >= 0 && v <= 1, "" + v);
        assertEquals(Math.round(255 * v), 255 * v, 1e-3);
      }
      float[] middle = cold.toArray();
      assertArrayEquals(Arrays.copyOf(middle, 64), Arrays.copyOfRange(middle, 64, 128));
    }
  }

  @Test
  void configurationsGoThroughJson() {
    RealNvpConfig config = config(Norm.WEIGHT).withContext(10).withLogit(0.05, 1);
    assertEquals(config, ConfigJson.read(RealNvpConfig.class, ConfigJson.write(config)));
    assertEquals(3, RealNvpConfig.of(new ImageShape(3, 32, 32, 256), 32, 4).scales());
    assertEquals(3, RealNvpConfig.of(new ImageShape(1, 28, 28, 256), 32, 4).scales());
    assertEquals(1, RealNvpConfig.of(new ImageShape(1, 7, 9, 256), 32, 4).scales());
  }

  @Test
  void configurationsOutOfRangeAreRefused() {
    RealNvpConfig good = config(Norm.BATCH);
    refused("channels must be at least 1, got 0", () -> RealNvpConfig.of(IMAGE, 0, 1));
    refused("2^16 channels", () -> RealNvpConfig.of(IMAGE, 1 << 15, 1));
    refused("blocks must be at least 0, got -1", () -> RealNvpConfig.of(IMAGE, 1, -1));
    refused("scales must be at least 1, got 0", () -> good.withScales(0));
    refused("at most 3 scales", () -> good.withScales(4));
    refused("at most 0 scales", () -> RealNvpConfig.of(new ImageShape(1, 1, 9, 2), 1, 1));
    refused("got 0.0 and 0.9", () -> good.withLogit(0, 0.9));
    refused("got 0.5 and 0.5", () -> good.withLogit(0.5, 0.5));
    refused("got 0.5 and 1.1", () -> good.withLogit(0.5, 1.1));
    refused("context must be at least 0, got -1", () -> good.withContext(-1));
  }

  private static void refused(String part, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(part), message);
  }
}
