// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.adversarial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.binding.Rng;
import org.generatrix.eval.MeanDiscrepancy;
import org.generatrix.nn.Linear;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.nn.Sequential;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Trainer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The game on small dense networks; data are points of a Gaussian about (2, -1). */
class GanTest {
  private static final int ROWS = 512;

  public record Sizes(int hidden) {}

  private final Device device = Device.cpu(1);
  private final Tensor data = points(1);

  private Tensor points(long seed) {
    try (Tensor z = Tensor.normal(device, new Rng(seed, 99), ROWS, 2)) {
      float[] x = z.toArray();
      for (int i = 0; i < x.length; i += 2) {
        x[i] = 2 + 0.5f * x[i];
        x[i + 1] = -1 + 0.5f * x[i + 1];
      }
      return Tensor.of(device, x, ROWS, 2);
    }
  }

  @AfterEach
  void everythingIsFreed() {
    data.close();
    assertEquals(0, device.memory().live());
    device.close();
  }

  private Gan gan(long seed) {
    Gan gan =
        new Gan(
            device,
            "points",
            new Sizes(16),
            2,
            2,
            new Sequential(new Linear(device, 2, 16), Nonlinearity.RELU, new Linear(device, 16, 2)),
            new Sequential(
                new Linear(device, 2, 16), Nonlinearity.TANH, new Linear(device, 16, 1)));
    gan.initialise(seed);
    return gan;
  }

  private static GanTrainingConfig config(int epochs, int discriminatorSteps, double noise) {
    return new GanTrainingConfig(
        epochs, 64, AdversarialLoss.NON_SATURATING, 2e-3, 0.5, discriminatorSteps, 0, noise, 3);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @Test
  void lossesAreThoseOfThePaper() {
    double[] real = {-1.5, 0.3, 2};
    double[] fake = {0.7, -2.2, 40};
    double ofData = 0;
    double ofFakes = 0;
    double saturating = 0;
    double nonSaturating = 0;
    double smoothing = 0.1;
    for (double r : real) {
      ofData -= ((1 - smoothing) * Math.log(sigmoid(r)) + smoothing * Math.log(sigmoid(-r))) / 3;
    }
    for (double f : fake) {
      ofFakes -= Math.log(sigmoid(-f)) / 3;
      saturating += Math.log(sigmoid(-f)) / 3;
      nonSaturating -= Math.log(sigmoid(f)) / 3;
    }
    try (Tape tape = Tape.inference(device);
        Tensor r = Tensor.of(device, real, 3);
        Tensor f = Tensor.of(device, fake, 3)) {
      Var fakes = tape.constant(f);
      assertEquals(
          ofData + ofFakes,
          AdversarialLoss.discriminator(tape.constant(r), fakes, smoothing).item(),
          1e-12);
      assertEquals(saturating, AdversarialLoss.MINIMAX.generator(fakes).item(), 1e-12);
      assertEquals(nonSaturating, AdversarialLoss.NON_SATURATING.generator(fakes).item(), 1e-12);
    }
  }

  @Test
  void smoothingMovesTheBestDiscriminator() {
    // Where data and fakes are told apart for certain, the loss is least at D(x) = 1 - a.
    double smoothing = 0.25;
    double best = Math.log(0.75 / 0.25);
    try (Tape tape = Tape.training(device, 1, 0);
        Tensor r = Tensor.of(device, new double[] {best}, 1);
        Tensor f = Tensor.of(device, new double[] {-3}, 1)) {
      Var loss = AdversarialLoss.discriminator(tape.variable(r), tape.constant(f), smoothing);
      assertEquals(0, tape.gradients(loss).of(r).toDoubleArray()[0], 1e-12);
    }
  }

  @Test
  void samplesComeNearTheData() {
    try (Gan gan = gan(5);
        GanTraining run = new GanTraining(gan, data, config(300, 2, 1.0));
        Tensor other = points(2)) {
      double before = discrepancy(gan, other);
      new Trainer(run).fit();
      double after = discrepancy(gan, other);
      assertTrue(after < 0.15, before + " to " + after);
      assertTrue(run.metrics().get("d_data") > 0.3, run.metrics()::toString);
      assertTrue(run.metrics().get("d_fake") < 0.7, run.metrics()::toString);
    }
  }

  private static double discrepancy(Gan gan, Tensor points) {
    try (Tensor samples = gan.sample(ROWS, 11)) {
      return MeanDiscrepancy.of(points, samples);
    }
  }

  @Test
  void eachUpdateMovesItsOwnNetworkOnly() {
    try (Gan gan = gan(1);
        GanTraining run = new GanTraining(gan, data, config(1, 3, 0))) {
      for (int step = 1; step <= 6; step++) {
        Map<String, float[]> before = values(gan.generatorParameters());
        Map<String, float[]> against = values(gan.discriminatorParameters());
        run.step();
        boolean moved = changed(before, values(gan.generatorParameters()));
        assertEquals(step % 3 == 0, moved, "the generator at step " + step);
        assertTrue(changed(against, values(gan.discriminatorParameters())));
      }
    }
  }

  private static Map<String, float[]> values(Map<String, Tensor> tensors) {
    Map<String, float[]> values = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> values.put(name, tensor.toArray()));
    return values;
  }

  private static boolean changed(Map<String, float[]> before, Map<String, float[]> after) {
    return before.keySet().stream()
        .anyMatch(name -> !Arrays.equals(before.get(name), after.get(name)));
  }

  @Test
  void gradientsOfOneNetworkLeaveTheOtherOut() {
    try (Gan gan = gan(1);
        Tape tape = Tape.training(device, 1, 0)) {
      Var z = tape.constant(tape.own(Tensor.normal(device, new Rng(1, 1), 8, 2)));
      Var loss = AdversarialLoss.MINIMAX.generator(gan.discriminate(gan.generate(z)));
      var some = tape.gradients(loss, gan.generatorParameters().values());
      var all = tape.gradients(loss);
      gan.generatorParameters()
          .forEach((name, p) -> assertArrayEquals(all.of(p).toArray(), some.of(p).toArray(), name));
      gan.discriminatorParameters().forEach((name, p) -> assertEquals(null, some.of(p), name));
    }
  }

  @Test
  void instanceNoiseFallsToNothing() {
    try (Gan gan = gan(1);
        GanTraining run = new GanTraining(gan, data, config(2, 1, 0.5))) {
      assertEquals(0.5, run.instanceNoise());
      for (int i = 0; i < 8; i++) {
        run.step();
      }
      assertEquals(0.25, run.instanceNoise(), 1e-12);
      new Trainer(run).fit();
      assertEquals(0, run.instanceNoise());
    }
  }

  @Test
  void aResumedRunGoesOnBitForBit(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("run.safetensors");
    GanTrainingConfig config = config(2, 2, 0.3);
    try (Gan gan = gan(1);
        GanTraining run = new GanTraining(gan, data, config)) {
      for (int i = 0; i < 5; i++) {
        run.step();
      }
      run.save(file);
      new Trainer(run).fit();
      try (Gan other = gan(2);
          GanTraining resumed = GanTraining.resume(other, file, data, 0)) {
        new Trainer(resumed).fit();
        values(gan.state())
            .forEach((name, x) -> assertArrayEquals(x, other.state().get(name).toArray(), name));
        assertEquals(run.metrics(), resumed.metrics());
      }
    }
  }

  @Test
  void samplesFollowTheSeed() {
    try (Gan gan = gan(1);
        Tensor a = gan.sample(10, 7);
        Tensor b = gan.sample(10, 7);
        Tensor c = gan.sample(10, 8)) {
      assertArrayEquals(a.toArray(), b.toArray());
      assertNotEquals(a.toArray()[0], c.toArray()[0]);
    }
  }

  @Test
  void aNanIsNamed() {
    try (Gan gan = gan(1);
        GanTraining run = new GanTraining(gan, data, config(1, 1, 0))) {
      assertEquals(null, run.nonFinite());
      Tensor bias = gan.generatorParameters().get("generator.0.bias");
      float[] values = bias.toArray();
      values[3] = Float.NaN;
      bias.copyFrom(values);
      assertEquals("generator.0.bias", run.nonFinite());
    }
  }

  @Test
  void whatIsOutOfRangeIsRefused() {
    refused("epochs", () -> config(0, 1, 0));
    refused("discriminatorSteps", () -> config(1, 0, 0));
    refused("instanceNoise", () -> config(1, 1, -1));
    refused(
        "labelSmoothing",
        () -> new GanTrainingConfig(1, 1, AdversarialLoss.MINIMAX, 1, 0, 1, 1, 0, 1));
    refused(
        "learningRate",
        () -> new GanTrainingConfig(1, 1, AdversarialLoss.MINIMAX, 0, 0, 1, 0, 0, 1));
    refused("beta1", () -> new GanTrainingConfig(1, 1, AdversarialLoss.MINIMAX, 1, 1, 1, 0, 0, 1));
    try (Gan gan = gan(1);
        Tensor wide = Tensor.zeros(device, 4, 3);
        Tensor one = Tensor.zeros(device, 1, 3)) {
      refused("rows of 2 units", () -> new GanTraining(gan, wide, config(1, 1, 0)));
      refused("codes of 2 units", () -> gan.generate(wide));
      refused("n must be at least 1", () -> gan.sample(0, 1));
      refused("at least 2 rows", () -> MeanDiscrepancy.of(one, wide));
    }
  }

  private static void refused(String word, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(word), message);
  }
}
