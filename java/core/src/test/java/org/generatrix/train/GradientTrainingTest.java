// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.train;

import static org.generatrix.autograd.Functions.tanh;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.binding.RandomOps;
import org.generatrix.data.Binarisation;
import org.generatrix.io.MalformedFileException;
import org.generatrix.model.ConfigJson;
import org.generatrix.model.ModelFile;
import org.generatrix.nn.Initialiser;
import org.generatrix.nn.Module;
import org.generatrix.optim.OptimizerConfig;
import org.generatrix.optim.Rule;
import org.generatrix.optim.Schedule;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GradientTrainingTest {
  private static final int ROWS = 50;
  private static final int UNITS = 5;
  private static final String KIND = "test.model";

  public record Sizes(int units) {}

  private static final Sizes CONFIG = new Sizes(UNITS);

  private final Device device = Device.cpu(1);
  private final Tensor data = intensities(device);

  private static Tensor intensities(Device device) {
    float[] x = new float[ROWS * UNITS];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i * 37 % 101) / 100f;
    }
    return Tensor.of(device, x, ROWS, UNITS);
  }

  @AfterEach
  void everythingIsFreed() {
    data.close();
    assertEquals(0, device.memory().live());
    device.close();
  }

  /** y = tanh(x w + b + noise), element by element; counts its training batches in a buffer. */
  private static final class Model extends Module {
    final Tensor w;
    final Tensor b;
    final Tensor seen;

    Model(Device device) {
      w = parameter("w", Tensor.zeros(device, UNITS), Initialiser.normal(0, 1));
      b = parameter("b", Tensor.zeros(device, 1), Initialiser.constant(0.1));
      seen = buffer("seen", Tensor.zeros(device, 1));
    }

    /** The mean square of y - x, with a draw from the tape. */
    Var loss(Tape tape, Examples batch) {
      Var x = tape.constant(batch.x());
      Tensor noise = tape.empty(DType.FLOAT32, batch.rows(), UNITS);
      RandomOps.normal(tape.device(), tape.nextRng(), 0, 0.1f, batch.rows(), UNITS, noise.buffer());
      seen.copyFrom(new float[] {seen.toArray()[0] + 1});
      Var y = tanh(x.mul(tape.variable(w)).add(tape.variable(b)).add(tape.constant(noise)));
      Var difference = y.sub(x);
      return difference.mul(difference).mean();
    }
  }

  private static Model model(Device device) {
    Model model = new Model(device);
    model.initialise(3);
    return model;
  }

  private static final OptimizerConfig ADAM =
      OptimizerConfig.of(Rule.adamW(0.01), Schedule.cosine(0.1, 0.01, 20).warmUp(3))
          .withClipNorm(0.5)
          .withWarmedUpEma(0.9);

  private static GradientTrainingConfig config(int epochs) {
    return GradientTrainingConfig.of(ADAM, epochs, 8, 11).withBinarisation(Binarisation.RESAMPLED);
  }

  private GradientTraining run(Model model, GradientTrainingConfig config) {
    return new GradientTraining(model, KIND, CONFIG, Examples.of(data), config, model::loss);
  }

  private GradientTraining resume(Path file, Model model) throws IOException {
    return GradientTraining.resume(file, model, KIND, CONFIG, Examples.of(data), model::loss);
  }

  /** Everything a run has come to. */
  private static Map<String, float[]> outcome(GradientTraining run) {
    Map<String, float[]> values = new LinkedHashMap<>();
    run.model().state().forEach((name, t) -> values.put(name, t.toArray()));
    try (Tensor w = Tensor.zeros(run.model().parameters().get("w").device(), UNITS);
        Tensor b = Tensor.zeros(w.device(), 1)) {
      run.ema().copyTo(Map.of("w", w, "b", b));
      values.put("ema.w", w.toArray());
      values.put("ema.b", b.toArray());
    }
    return values;
  }

  private static void assertSame(Map<String, float[]> expected, Map<String, float[]> actual) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((name, values) -> assertArrayEquals(values, actual.get(name), name));
  }

  @Test
  void aLossIsLearned() {
    GradientTrainingConfig config =
        GradientTrainingConfig.of(OptimizerConfig.of(Rule.adam(), 0.05), 20, 10, 1);
    List<Double> losses = new ArrayList<>();
    try (Model model = model(device);
        GradientTraining run = run(model, config)) {
      assertEquals(List.of("learning_rate"), List.copyOf(run.metrics().keySet()));
      new Trainer(run)
          .listen(
              new TrainingListener() {
                @Override
                public void onEpoch(TrainingEvent event) {
                  assertEquals(0.05, event.metrics().get("learning_rate"));
                  assertTrue(event.metrics().get("gradient_norm") > 0);
                  losses.add(event.metrics().get("loss"));
                }
              })
          .fit();
      assertEquals(20, losses.size());
      assertTrue(losses.get(19) < 0.1 * losses.get(0), losses.toString());
      assertEquals(100, model.seen.toArray()[0]);
      assertEquals(config, run.gradientConfig());
    }
  }

  /** The epoch's loss is the mean over rows, so that a short last batch counts less. */
  @Test
  void metricsAreMeansOverTheRowsOfAnEpoch() {
    try (Model model = model(device);
        GradientTraining run =
            new GradientTraining(
                model,
                KIND,
                CONFIG,
                Examples.of(data),
                GradientTrainingConfig.of(
                    OptimizerConfig.of(Rule.sgd(), 1e-3).withClipNorm(1e-9), 1, 40, 1),
                (tape, batch) ->
                    tape.variable(model.b).sum().mul(0).add(batch.rows() == 40 ? 1.0 : 6.0))) {
      run.step();
      run.step();
      assertEquals((40 * 1.0 + 10 * 6.0) / 50, run.metrics().get("loss"), 1e-6);
      assertEquals(0, run.metrics().get("gradient_norm"));
    }
  }

  // --- Checkpoints ------------------------------------------------------------------------------

  @Test
  void aResumedRunIsTheSameBitForBit(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("run.safetensors");
    Map<String, float[]> straight;
    double loss;
    try (Model model = model(device);
        GradientTraining run = run(model, config(2))) {
      new Trainer(run).fit();
      straight = outcome(run);
      loss = run.metrics().get("loss");
    }
    for (int steps : new int[] {7, 10}) { // at the end of an epoch, and in its midst
      try (Model model = model(device);
          GradientTraining run = run(model, config(2))) {
        for (int i = 0; i < steps; i++) {
          run.step();
        }
        run.save(file);
      }
      try (Device other = Device.cpu(2);
          Tensor again = intensities(other);
          Model model = new Model(other);
          GradientTraining run =
              GradientTraining.resume(file, model, KIND, CONFIG, Examples.of(again), model::loss)) {
        assertEquals(steps / 7, run.epoch());
        assertEquals(steps % 7, run.batch());
        new Trainer(run).fit();
        assertSame(straight, outcome(run));
        assertEquals(loss, run.metrics().get("loss"));
        assertEquals(14, model.seen.toArray()[0]);
      }
    }
  }

  @Test
  void resumingAndSavingGivesTheSameFile(@TempDir Path folder) throws IOException {
    Path first = folder.resolve("first.safetensors");
    Path second = folder.resolve("second.safetensors");
    try (Model model = model(device);
        GradientTraining run = run(model, config(2))) {
      run.step();
      run.save(first);
    }
    try (Model model = new Model(device);
        GradientTraining run = resume(first, model)) {
      run.save(second);
    }
    assertArrayEquals(
        java.nio.file.Files.readAllBytes(first), java.nio.file.Files.readAllBytes(second));
  }

  @Test
  void epochsCanBeAdded(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("run.safetensors");
    Map<String, float[]> straight;
    try (Model model = model(device);
        GradientTraining run = run(model, config(3))) {
      new Trainer(run).fit();
      straight = outcome(run);
    }
    try (Model model = model(device);
        GradientTraining run = run(model, config(1))) {
      new Trainer(run).checkpoint(file, 1).fit();
    }
    try (Model model = new Model(device);
        GradientTraining run =
            GradientTraining.resume(file, model, KIND, CONFIG, Examples.of(data), model::loss, 3)) {
      new Trainer(run).fit();
      assertSame(straight, outcome(run));
    }
  }

  @Test
  void aCheckpointIsAlsoAModel(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("run.safetensors");
    try (Model model = model(device);
        GradientTraining run = run(model, config(1));
        Model loaded = new Model(device)) {
      run.step();
      run.save(file);
      try (ModelFile stored = ModelFile.read(file, KIND)) {
        assertEquals(CONFIG, stored.config(Sizes.class));
        assertEquals(
            config(1),
            ConfigJson.read(GradientTrainingConfig.class, stored.notes().get(Checkpoint.CONFIG)));
        loaded.read(stored);
      }
      assertArrayEquals(model.w.toArray(), loaded.w.toArray());
    }
  }

  @Test
  void whatDoesNotFitIsRefusedAndLeavesNothingOpen(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("run.safetensors");
    Path plain = folder.resolve("plain.safetensors");
    try (Model model = model(device);
        Tensor other = Tensor.zeros(device, ROWS, UNITS);
        GradientTraining run = run(model, config(1))) {
      run.save(file);
      ModelFile.Writer writer = ModelFile.writer(KIND, CONFIG);
      model.write(writer);
      writer.save(plain);
      long live = device.memory().live();
      refused("without the state of a run", () -> resume(plain, model));
      refused(
          "expected the configuration Sizes[units=9], got Sizes[units=5]",
          () ->
              GradientTraining.resume(
                  file, model, KIND, new Sizes(9), Examples.of(data), model::loss));
      refused(
          "expected a model of kind \"another\"",
          () ->
              GradientTraining.resume(
                  file, model, "another", CONFIG, Examples.of(data), model::loss));
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () ->
                      GradientTraining.resume(
                          file, model, KIND, CONFIG, Examples.of(other), model::loss))
              .getMessage();
      assertTrue(message.contains("was trained on the data 50x5:"), message);
      assertEquals(live, device.memory().live());
    }
    try (Model fresh = new Model(device)) {
      String message =
          assertThrows(IllegalStateException.class, () -> run(fresh, config(1))).getMessage();
      assertTrue(message.contains("\"w\" was neither initialised nor read"), message);
    }
  }

  private static void refused(String part, org.junit.jupiter.api.function.Executable call) {
    String message = assertThrows(MalformedFileException.class, call).getMessage();
    assertTrue(message.contains(part), message);
  }

  // --- Guards -----------------------------------------------------------------------------------

  @Test
  void nanIsFoundAndNamed() {
    try (Model model = model(device);
        GradientTraining run = run(model, config(1))) {
      assertEquals(null, run.nonFinite());
      model.seen.copyFrom(new float[] {Float.NaN});
      assertEquals("seen", run.nonFinite());
      model.w.copyFrom(new float[] {0, 0, 0, 0, Float.NEGATIVE_INFINITY});
      assertEquals("w", run.nonFinite());
      DivergedException e =
          assertThrows(DivergedException.class, () -> new Trainer(run).guard(1).fit());
      assertTrue(e.getMessage().contains("batch 1 of 7: w holds a NaN"), e.getMessage());
    }
    try (Model model = model(device);
        GradientTraining run =
            new GradientTraining(
                model,
                KIND,
                CONFIG,
                Examples.of(data),
                config(1),
                (tape, batch) -> tape.variable(model.b).sum().add(1e39))) {
      run.step();
      assertEquals("the loss", run.nonFinite());
    }
  }

  @Test
  void aLossThatReachesNoParameterIsRefused() {
    try (Model model = model(device);
        GradientTraining run =
            new GradientTraining(
                model,
                KIND,
                CONFIG,
                Examples.of(data),
                config(1),
                (tape, batch) -> tape.constant(batch.x()).mean())) {
      assertThrows(IllegalArgumentException.class, run::step);
    }
    assertThrows(IllegalArgumentException.class, () -> GradientTrainingConfig.of(ADAM, 0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> GradientTrainingConfig.of(ADAM, 1, 0, 1));
  }

  /** A flow's log-likelihood is FLOAT64 whatever its parameters are. */
  @Test
  void aLossMayBeWiderThanTheParameters() {
    Map<String, float[]> expected;
    try (Model model = model(device);
        GradientTraining run = run(model, config(3))) {
      new Trainer(run).fit();
      expected = outcome(run);
    }
    try (Model model = model(device);
        GradientTraining run =
            new GradientTraining(
                model,
                KIND,
                CONFIG,
                Examples.of(data),
                config(3),
                (tape, batch) -> model.loss(tape, batch).to(DType.FLOAT64).mean())) {
      new Trainer(run).fit();
      assertSame(expected, outcome(run));
    }
  }

  @Test
  void memoryStaysFlatOverTenThousandSteps() {
    try (Model model = model(device);
        GradientTraining run = run(model, config(2000))) {
      for (int i = 0; i < 20; i++) {
        run.step();
      }
      long live = device.memory().live();
      long peak = device.memory().peak();
      for (int i = 0; i < 10_000; i++) {
        run.step();
      }
      assertEquals(live, device.memory().live());
      assertEquals(peak, device.memory().peak());
    }
  }

  /** Nothing is shared: two models trained side by side are what each becomes alone. */
  @Test
  void twoThreadsTrainTwoModels() throws Exception {
    List<Callable<Map<String, float[]>>> jobs = new ArrayList<>();
    for (int seed = 0; seed < 2; seed++) {
      int which = seed;
      jobs.add(
          () -> {
            try (Model model = new Model(device)) {
              model.initialise(which);
              GradientTrainingConfig config =
                  new GradientTrainingConfig(ADAM, 40, 8, Binarisation.RESAMPLED, which);
              try (GradientTraining run = run(model, config)) {
                new Trainer(run).fit();
                return outcome(run);
              }
            }
          });
    }
    Map<String, float[]> first = jobs.get(0).call();
    Map<String, float[]> second = jobs.get(1).call();
    assertFalse(java.util.Arrays.equals(first.get("w"), second.get("w")));
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      List<Future<Map<String, float[]>>> together = pool.invokeAll(jobs);
      assertSame(first, together.get(0).get());
      assertSame(second, together.get(1).get());
    } finally {
      pool.shutdown();
    }
  }
}
