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
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.data.Digits;
import org.generatrix.optim.Decay;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvAutoencoderTest {
  private static final int ROWS = 40;
  private final Device device = Device.cpu(2);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  private Tensor digits() {
    float[] pixels = new float[ROWS * 784];
    Digits.train().intensities(0, ROWS, pixels);
    return Tensor.of(device, pixels, ROWS, 784);
  }

  private static double mean(double... x) {
    return Arrays.stream(x).average().orElseThrow();
  }

  /** The table of the lecture. */
  @Test
  void theLayersAreTheLectures() {
    try (ConvAutoencoder model = ConvAutoencoder.create(device, ConvAutoencoderConfig.of(8), 1);
        Tensor x = Tensor.zeros(device, 2, 784);
        Tensor codes = model.encode(x);
        Tensor back = model.decode(codes)) {
      long[][] shapes = {
        {32, 1, 5, 5},
        {32, 32, 5, 5},
        {32, 32, 4, 4},
        {32, 32, 3, 3},
        {8, 32, 4, 4},
        {8, 32, 4, 4},
        {32, 32, 3, 3},
        {32, 32, 4, 4},
        {32, 32, 5, 5},
        {32, 1, 5, 5}
      };
      String[] names = {"encoder.0", "encoder.2", "encoder.4", "encoder.6", "encoder.8"};
      for (int i = 0; i < shapes.length; i++) {
        String name = i < 5 ? names[i] : names[i - 5].replace("encoder", "decoder");
        assertArrayEquals(shapes[i], model.parameters().get(name + ".weight").shape(), name);
        assertEquals(
            i < 5 ? shapes[i][0] : shapes[i][1], model.parameters().get(name + ".bias").size());
      }
      assertEquals(112_457, model.parameterCount());
      assertArrayEquals(new long[] {2, 8}, codes.shape());
      assertArrayEquals(new long[] {2, 784}, back.shape());
    }
  }

  @Test
  void itLearnsAndItsFileKeepsIt(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("model.safetensors");
    ConvAutoencoderConfig config = new ConvAutoencoderConfig(3, 3);
    AutoencoderTrainingConfig how = new AutoencoderTrainingConfig(25, 10, 0.01, Decay.LINEAR, 1);
    try (Tensor x = digits();
        ConvAutoencoder model = ConvAutoencoder.create(device, config, 1);
        AutoencoderTraining run = new AutoencoderTraining(model, x, how)) {
      double before = mean(model.losses(x));
      while (run.epoch() < run.epochs()) {
        run.step();
      }
      assertTrue(mean(model.losses(x)) < 0.7 * before, before + " to " + mean(model.losses(x)));
      run.save(file);
      try (ConvAutoencoder loaded = ConvAutoencoder.load(file, device);
          AutoencoderTraining resumed = AutoencoderTraining.resume(loaded, file, x, 26);
          Tensor expected = model.sample(4, 3);
          Tensor actual = loaded.sample(4, 3);
          Tensor codes = loaded.encode(x);
          Tensor decoded = loaded.decode(codes);
          Tensor reconstructed = model.reconstruct(x)) {
        assertEquals(config, loaded.config());
        assertEquals(26, resumed.config().epochs());
        assertArrayEquals(expected.toArray(), actual.toArray());
        assertArrayEquals(new long[] {ROWS, 3}, codes.shape());
        assertArrayEquals(reconstructed.toArray(), decoded.toArray());
      }
    }
  }

  /** The loss is the squared error summed over the pixels of a picture. */
  @Test
  void theLossIsTheSquaredError() {
    try (Tensor x = digits();
        ConvAutoencoder model = ConvAutoencoder.create(device, new ConvAutoencoderConfig(2, 2), 1);
        Tensor back = model.reconstruct(x);
        Tape tape = Tape.inference(device)) {
      Var losses = model.loss(model.input(tape, x));
      float[] a = x.toArray();
      float[] b = back.toArray();
      double[] sums = new double[ROWS];
      for (int i = 0; i < a.length; i++) {
        sums[i / 784] += Math.pow(a[i] - b[i], 2);
      }
      assertArrayEquals(sums, losses.value().toDoubleArray(), 1e-3);
    }
  }

  @Test
  void refusesWhatItCannotDo() {
    assertThrows(IllegalArgumentException.class, () -> new ConvAutoencoderConfig(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new ConvAutoencoderConfig(1, 0));
    try (ConvAutoencoder model =
            ConvAutoencoder.create(device, new ConvAutoencoderConfig(2, 1), 1);
        Tensor wide = Tensor.zeros(device, 2, 785)) {
      assertThrows(IllegalArgumentException.class, () -> model.encode(wide));
      assertThrows(IllegalArgumentException.class, () -> model.decode(wide));
      assertThrows(IllegalArgumentException.class, () -> model.sample(0, 1));
    }
  }
}
