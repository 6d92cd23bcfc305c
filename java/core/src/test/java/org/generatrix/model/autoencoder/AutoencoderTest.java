// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoencoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.generatrix.binding.Device;
import org.generatrix.linalg.Pca;
import org.generatrix.model.autoencoder.AutoencoderConfig.Output;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.optim.Decay;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AutoencoderTest {
  private static final int ROWS = 300;
  private static final int UNITS = 8;
  private final Device device = Device.cpu(2);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  /** Points about a plane, with some noise, away from the origin. */
  private Tensor plane() {
    Random random = new Random(4);
    float[] x = new float[ROWS * UNITS];
    for (int r = 0; r < ROWS; r++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      for (int i = 0; i < UNITS; i++) {
        x[r * UNITS + i] =
            (float)
                (0.5
                    + a * Math.sin(i + 1)
                    + 0.6 * b * Math.cos(2 * i)
                    + 0.1 * random.nextGaussian());
      }
    }
    return Tensor.of(device, x, ROWS, UNITS);
  }

  private static double mean(double[] x) {
    return Arrays.stream(x).average().orElseThrow();
  }

  private static void train(AutoencoderTraining run) {
    while (run.epoch() < run.epochs()) {
      run.step();
    }
  }

  /** The optimum of a linear autoencoder is PCA: the same error, the same reconstructions. */
  @Test
  void aLinearOneFindsThePrincipalComponents() {
    AutoencoderConfig config =
        new AutoencoderConfig(UNITS, "", 2, Nonlinearity.TANH, Output.LINEAR);
    AutoencoderTrainingConfig how =
        new AutoencoderTrainingConfig(2500, ROWS, 0.02, Decay.COSINE, 1);
    try (Tensor x = plane();
        Autoencoder model = Autoencoder.create(device, config, 1);
        AutoencoderTraining run = new AutoencoderTraining(model, x, how)) {
      Pca pca = Pca.fit(x, 2);
      assertTrue(mean(model.losses(x)) > 2 * pca.residualVariance());
      train(run);
      double error = mean(model.losses(x));
      assertTrue(error > pca.residualVariance() - 1e-4, "nothing linear beats PCA");
      assertEquals(pca.residualVariance(), error, 0.02 * pca.residualVariance());
      try (Tensor ours = model.reconstruct(x);
          Tensor codes = pca.encode(x);
          Tensor theirs = pca.decode(codes)) {
        assertArrayEquals(theirs.toArray(), ours.toArray(), 0.05f);
      }
    }
  }

  @Test
  void aDeepOneLearnsAndItsFileKeepsIt(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("model.safetensors");
    AutoencoderConfig config =
        new AutoencoderConfig(UNITS, "12-6", 2, Nonlinearity.RELU, Output.SIGMOID);
    AutoencoderTrainingConfig how = new AutoencoderTrainingConfig(20, 50, 0.01, Decay.LINEAR, 1);
    try (Tensor points = plane();
        Tensor bits = points.toBits(0.5f);
        Tensor x = bits.toFloats();
        Autoencoder model = Autoencoder.create(device, config, 1);
        AutoencoderTraining run = new AutoencoderTraining(model, x, how)) {
      double before = mean(model.losses(x));
      train(run);
      assertTrue(mean(model.losses(x)) < 0.7 * before);
      run.save(file);
      try (Autoencoder loaded = Autoencoder.load(file, device);
          AutoencoderTraining resumed = AutoencoderTraining.resume(loaded, file, x, 21);
          Tensor expected = model.sample(4, 3);
          Tensor actual = loaded.sample(4, 3);
          Tensor codes = loaded.encode(bits);
          Tensor decoded = loaded.decode(codes);
          Tensor reconstructed = loaded.reconstruct(x)) {
        assertEquals(config, loaded.config());
        assertEquals(20, resumed.epoch());
        assertEquals(21, resumed.config().epochs());
        assertArrayEquals(expected.toArray(), actual.toArray());
        assertArrayEquals(new long[] {ROWS, 2}, codes.shape());
        assertArrayEquals(reconstructed.toArray(), decoded.toArray());
        for (float r : reconstructed.toArray()) {
          assertTrue(r >= 0 && r <= 1);
        }
      }
    }
  }

  /** The codes that are sampled have the mean and the deviation of the data's. */
  @Test
  void samplesAreOfTheGaussianOfTheCodes() {
    AutoencoderConfig config =
        new AutoencoderConfig(UNITS, "", 3, Nonlinearity.TANH, Output.LINEAR);
    try (Tensor x = plane();
        Autoencoder model = Autoencoder.create(device, config, 5)) {
      model.fitCodes(x);
      try (Tensor codes = model.encode(x)) {
        float[] values = codes.toArray();
        float[] mean = model.buffers().get("code_mean").toArray();
        float[] std = model.buffers().get("code_std").toArray();
        for (int j = 0; j < 3; j++) {
          double sum = 0;
          double square = 0;
          for (int r = 0; r < ROWS; r++) {
            sum += values[r * 3 + j];
            square += values[r * 3 + j] * values[r * 3 + j];
          }
          assertEquals(sum / ROWS, mean[j], 1e-5);
          assertEquals(Math.sqrt(square / ROWS - Math.pow(sum / ROWS, 2)), std[j], 1e-4);
        }
      }
      try (Tensor samples = model.sample(20_000, 2);
          Tensor means = model.decode(model.buffers().get("code_mean").reshape(1, 3))) {
        float[] s = samples.toArray();
        double sum = 0;
        for (int i = 0; i < s.length; i += UNITS) {
          sum += s[i];
        }
        assertEquals(means.toArray()[0], sum / 20_000, 0.05);
      }
    }
  }

  @Test
  void refusesWhatItCannotDo() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new AutoencoderConfig(0, "", 1, Nonlinearity.TANH, Output.LINEAR));
    assertThrows(
        IllegalArgumentException.class,
        () -> new AutoencoderConfig(3, "a", 1, Nonlinearity.TANH, Output.LINEAR));
    assertThrows(
        IllegalArgumentException.class,
        () -> new AutoencoderTrainingConfig(1, 0, 0.1, Decay.COSINE, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> new AutoencoderTrainingConfig(1, 1, 0, Decay.COSINE, 1));
    AutoencoderConfig config =
        new AutoencoderConfig(UNITS, "", 2, Nonlinearity.TANH, Output.LINEAR);
    try (Autoencoder model = Autoencoder.create(device, config, 1);
        Tensor wide = Tensor.zeros(device, 2, 9)) {
      assertThrows(IllegalArgumentException.class, () -> model.encode(wide));
      assertThrows(IllegalArgumentException.class, () -> model.decode(wide));
      assertThrows(IllegalArgumentException.class, () -> model.sample(0, 1));
    }
  }
}
