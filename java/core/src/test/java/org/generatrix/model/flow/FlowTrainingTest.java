// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.generatrix.autograd.op.Base;
import org.generatrix.binding.Device;
import org.generatrix.model.ConfigJson;
import org.generatrix.optim.Decay;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Examples;
import org.generatrix.train.Trainer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlowTrainingTest {
  private final Device device = Device.cpu(2);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  private static FlowTrainingConfig fast(int epochs) {
    return new FlowTrainingConfig(epochs, 100, 0.01, Decay.COSINE, 0.9, 50, 0, 0, 3);
  }

  private static void fit(FlowTraining run) {
    while (run.epoch() < run.epochs()) {
      run.step();
    }
  }

  // --- What is learned --------------------------------------------------------------------------

  /** Oracle 59: after training the density still integrates to 1, and no moon beats its entropy. */
  @Test
  void trainingRaisesTheLikelihoodAndKeepsTheIntegralAtOne() {
    TinyFlows.eachBegun(
        device,
        2,
        0,
        model -> {
          try (Tensor x = TinyFlows.moons(device, 1000, 0.1, 1);
              FlowTraining run = new FlowTraining(model, x, fast(12))) {
            double before = TinyFlows.mean(model.logLikelihood(x));
            fit(run);
            double own = TinyFlows.mean(model.logLikelihood(x));
            assertTrue(own > before + 0.3, model.kind() + " from " + before + " to " + own);
            try (Tensor fresh = TinyFlows.moons(device, 4000, 0.1, 2)) {
              double nll = -TinyFlows.mean(model.logLikelihood(fresh));
              assertTrue(nll > TinyFlows.MOONS - 0.05, "the entropy is the floor, got " + nll);
            }
            try (FlowTraining.Averaged averaged = run.averaged()) {
              double average = TinyFlows.mean(model.logLikelihood(x));
              assertTrue(average > before + 0.3 && average != own, "averaged " + average);
              assertEquals(1, integral(model), 2e-3, model.kind());
            }
            assertEquals(own, TinyFlows.mean(model.logLikelihood(x)), "the weights are back");
            assertEquals(1, integral(model), 2e-3, model.kind());
          }
        });
  }

  /** By the midpoint rule on [-9, 9]^2. */
  private double integral(FlowModel model) {
    int cells = 300;
    double width = 18.0 / cells;
    float[] grid = new float[2 * cells * cells];
    for (int i = 0; i < cells * cells; i++) {
      grid[2 * i] = (float) (-9 + width * (i / cells + 0.5));
      grid[2 * i + 1] = (float) (-9 + width * (i % cells + 0.5));
    }
    try (Tensor points = Tensor.of(device, grid, (long) cells * cells, 2)) {
      double sum = 0;
      for (double nats : model.logLikelihood(points)) {
        sum += Math.exp(nats);
      }
      return sum * width * width;
    }
  }

  @Test
  void contextsAndLabelsAreLearned() {
    TinyFlows.eachBegun(
        device,
        2,
        2,
        model -> {
          int rows = 400;
          long[] labels = TinyFlows.labels(rows);
          try (Tensor x = TinyFlows.moons(device, rows, 0.05, 1);
              Tensor context = Tensor.oneHot(device, labels, 2);
              FlowTraining run =
                  new FlowTraining(model, Examples.of(x).labelled(labels), fast(12))) {
            fit(run);
            double right = TinyFlows.mean(model.logLikelihood(x, context));
            try (Tensor swapped = context.gather(1, 1, 0)) {
              double wrong = TinyFlows.mean(model.logLikelihood(x, swapped));
              assertTrue(right > wrong + 0.4, model.kind() + ": " + right + " and " + wrong);
            }
          }
        });
  }

  /** Labels are their one-hot rows as targets, bit for bit. */
  @Test
  void labelsAreOneHotTargets() {
    long[] labels = TinyFlows.labels(60);
    float[][] after = new float[2][];
    for (int way = 0; way < 2; way++) {
      try (NvpNet net = NvpNet.create(device, NvpNetConfig.of(2, 2, 4).withContext(2), 1);
          Tensor x = TinyFlows.moons(device, 60, 0.05, 1);
          Tensor context = Tensor.oneHot(device, labels, 2)) {
        Examples rows = Examples.of(x);
        Examples data = way == 0 ? rows.labelled(labels) : rows.with(context);
        try (FlowTraining run = new FlowTraining(net, data, fast(2).withBatchSize(25))) {
          fit(run);
        }
        after[way] = net.state().get("transform.1.s.0.weight").toArray();
      }
    }
    assertArrayEquals(after[0], after[1]);
  }

  /** Noise of the data is drawn anew: the loss of one batch differs from step to step. */
  @Test
  void noiseIsDrawnAtEachPresentation() {
    double[] losses = new double[3];
    for (int i = 0; i < 3; i++) {
      try (NvpNet net = NvpNet.create(device, NvpNetConfig.of(2, 2, 4), 1);
          Tensor x = TinyFlows.moons(device, 50, 0.05, 1);
          FlowTraining run =
              new FlowTraining(
                  net, x, fast(2).withLearningRate(1e-12).withNoise(i == 2 ? 0 : 0.5))) {
        run.step();
        losses[i] = run.metrics().get("loss");
        run.step();
        if (i < 2) {
          assertNotEquals(losses[i], run.metrics().get("loss"), 1e-3);
        } else {
          assertEquals(losses[i], run.metrics().get("loss"), 1e-6);
        }
      }
    }
    assertEquals(losses[0], losses[1], "the seed decides");
    assertNotEquals(losses[0], losses[2], 1e-3);
  }

  @Test
  void levelsAreDequantisedAtEachPresentation() {
    NiceConfig config =
        new NiceConfig(4, 0, Dequantisation.uniform(3), true, 2, 1, 8, Base.LOGISTIC);
    float[] values = new float[80 * 4];
    for (int i = 0; i < values.length; i++) {
      values[i] = i / 4 % 3 / 2f;
    }
    try (Nice nice = Nice.create(device, config, 1);
        Tensor x = Tensor.of(device, values, 80, 4);
        FlowTraining run = new FlowTraining(nice, x, fast(60))) {
      double before = TinyFlows.mean(nice.logLikelihood(x));
      fit(run);
      double after = TinyFlows.mean(nice.logLikelihood(x));
      assertTrue(after > before + 1.2, "from " + before + " to " + after);
      // At best each of three kinds of rows has a third of the density of its cells.
      assertTrue(nice.bitsPerDimension(after) > Math.log(3) / Math.log(2) / 4);
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          try (Nice nice = Nice.create(device, config, 1);
              Tensor x = Tensor.of(device, values, 80, 4)) {
            new FlowTraining(nice, x, fast(1).withNoise(0.1)).close();
          }
        });
  }

  // --- Checkpoints ------------------------------------------------------------------------------

  /** With noise, dequantisation, an average, and ActNorm begun in the first half. */
  @Test
  void resumedRunsGoOnBitForBit(@TempDir Path folder) throws IOException {
    Path checkpoint = folder.resolve("run.safetensors");
    for (int kind = 0; kind < TinyFlows.KINDS; kind++) {
      Map<String, float[]> whole = null;
      for (boolean resumed : new boolean[] {false, true}) {
        List<FlowModel> models = TinyFlows.begun(device, 3, 0);
        FlowModel model = models.get(kind);
        try (Tensor x = TinyFlows.normals(device, 70, 3, 2, 1)) {
          FlowTrainingConfig config =
              new FlowTrainingConfig(3, 32, 0.01, Decay.COSINE, 0.9, 1, 0.01, 0.1, 5);
          Examples data = Examples.of(x);
          FlowTraining run = new FlowTraining(model, data, config);
          for (int step = 0; step < 4; step++) {
            run.step();
          }
          if (resumed) {
            run.save(checkpoint);
            run.close();
            List<FlowModel> others = TinyFlows.begun(device, 3, 0);
            models.forEach(FlowModel::close);
            models = others;
            model = others.get(kind);
            run = FlowTraining.resume(model, checkpoint, data);
            assertEquals(config, run.config());
          }
          fit(run);
          Map<String, float[]> state = new LinkedHashMap<>();
          model.state().forEach((name, tensor) -> state.put(name, tensor.toArray()));
          try (FlowTraining.Averaged averaged = run.averaged()) {
            for (Map.Entry<String, Tensor> e : model.state().entrySet()) {
              state.put("averaged " + e.getKey(), e.getValue().toArray());
            }
          }
          run.close();
          if (whole == null) {
            whole = state;
          } else {
            assertEquals(whole.keySet(), state.keySet());
            for (String name : whole.keySet()) {
              assertArrayEquals(whole.get(name), state.get(name), model.kind() + " " + name);
            }
          }
        }
        models.forEach(FlowModel::close);
      }
    }
  }

  @Test
  void resumingToMoreEpochsAndOtherData(@TempDir Path folder) throws IOException {
    Path checkpoint = folder.resolve("run.safetensors");
    try (NvpNet net = NvpNet.create(device, NvpNetConfig.of(2, 2, 4), 1);
        Tensor x = TinyFlows.moons(device, 50, 0.05, 1);
        Tensor other = TinyFlows.moons(device, 50, 0.05, 2)) {
      try (FlowTraining run = new FlowTraining(net, x, fast(2))) {
        run.step();
        run.save(checkpoint);
      }
      try (FlowTraining run = FlowTraining.resume(net, checkpoint, Examples.of(x), 5)) {
        assertEquals(5, run.epochs());
        assertEquals(1, run.epoch());
      }
      assertThrows(
          IllegalArgumentException.class,
          () -> FlowTraining.resume(net, checkpoint, Examples.of(other)));
    }
  }

  @Test
  void configurationsGoToJsonAndBack() {
    List<Record> configs =
        List.of(
            FlowTrainingConfig.of(7).withNoise(0.1),
            NiceConfig.mnist(),
            new NvpNetConfig(2, 3, 4, "64-64", 2, 9),
            SplineFlowConfig.of(6, 4, 32).withContext(2));
    for (Record config : configs) {
      assertEquals(config, ConfigJson.read(config.getClass(), ConfigJson.write(config)));
    }
  }

  // --- Refusals ---------------------------------------------------------------------------------

  @Test
  void settingsOutOfRangeAreRefused() {
    refused("epochs", () -> FlowTrainingConfig.of(0));
    refused("batchSize", () -> fast(1).withBatchSize(0));
    refused("learningRate", () -> fast(1).withLearningRate(0));
    refused("learningRate", () -> fast(1).withLearningRate(Double.NaN));
    refused("noise", () -> fast(1).withNoise(-1));
    refused("emaDecay", () -> new FlowTrainingConfig(1, 1, 1, Decay.LINEAR, 1, 0, 0, 0, 1));
    refused("clipNorm", () -> new FlowTrainingConfig(1, 1, 1, Decay.LINEAR, 0, -1, 0, 0, 1));
    refused("weightDecay", () -> new FlowTrainingConfig(1, 1, 1, Decay.LINEAR, 0, 0, -1, 0, 1));
  }

  @Test
  void dataThatDoNotFitAreRefused() {
    long[] labels = TinyFlows.labels(10);
    long[] three = {0, 1, 2, 0, 1, 2, 0, 1, 2, 0};
    try (NvpNet plain = NvpNet.create(device, NvpNetConfig.of(2, 2, 4), 1);
        NvpNet given = NvpNet.create(device, NvpNetConfig.of(2, 2, 4).withContext(2), 1);
        Tensor x = TinyFlows.moons(device, 10, 0.05, 1);
        Tensor wide = Tensor.zeros(device, 10, 3)) {
      Examples rows = Examples.of(x);
      refused("nothing", () -> new FlowTraining(plain, rows.labelled(labels), fast(1)));
      refused("nothing", () -> new FlowTraining(plain, rows.with(x), fast(1)));
      refused("target or labels", () -> new FlowTraining(given, rows, fast(1)));
      refused("[10, 2]", () -> new FlowTraining(given, rows.with(wide), fast(1)));
      refused("class", () -> new FlowTraining(given, rows.labelled(three), fast(1)));
      try (FlowTraining run = new FlowTraining(plain, wide, fast(1))) {
        refused("[n, 2]", run::step);
      }
    }
  }

  private static void refused(String word, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(word), message);
  }

  // --- The examples of the documentation --------------------------------------------------------

  @Test
  void theExamplesOfTheModelsRun() {
    try (Tensor points = TinyFlows.moons(device, 100, 0.05, 1)) {
      try (NvpNet net = NvpNet.create(device, NvpNetConfig.of(2, 4, 64), 1);
          FlowTraining training = new FlowTraining(net, points, FlowTrainingConfig.of(2))) {
        new Trainer(training).fit();
        double[] nats = net.logLikelihood(points);
        assertEquals(100, nats.length);
      }
      try (SplineFlow flow = SplineFlow.create(device, SplineFlowConfig.of(2, 4, 32), 1);
          FlowTraining training = new FlowTraining(flow, points, FlowTrainingConfig.of(2))) {
        new Trainer(training).fit();
        double[] nats = flow.logLikelihood(points);
        assertEquals(100, nats.length);
      }
    }
    try (Tensor pictures = Tensor.zeros(device, 20, 784);
        Nice nice = Nice.create(device, NiceConfig.mnist().withWidth(20), 1);
        FlowTraining training = new FlowTraining(nice, pictures, FlowTrainingConfig.of(1))) {
      new Trainer(training).fit();
      assertEquals(20, nice.logLikelihood(pictures).length);
    }
  }
}
