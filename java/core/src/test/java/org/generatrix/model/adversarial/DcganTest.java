// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.adversarial;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.binding.Rng;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DcganTest {
  private final Device device = Device.cpu(1);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  private Dcgan small(int channels, int height, int width) {
    return Dcgan.create(device, new DcganConfig(channels, height, width, 5, 3, 4), 1);
  }

  private static String shape(Tensor tensor) {
    return Arrays.toString(tensor.shape());
  }

  @Test
  void layersAreThoseOfThePaper() {
    try (Dcgan gan = Dcgan.create(device, DcganConfig.of(3, 64, 64), 1)) {
      List<String> weights =
          gan.state().entrySet().stream()
              .filter(e -> e.getValue().shape().length == 4)
              .map(e -> e.getKey() + " " + shape(e.getValue()))
              .toList();
      assertEquals(
          List.of(
              "generator.main.0.weight [100, 512, 4, 4]",
              "generator.main.2.weight [512, 256, 4, 4]",
              "generator.main.4.weight [256, 128, 4, 4]",
              "generator.main.6.weight [128, 64, 4, 4]",
              "generator.main.8.weight [64, 3, 4, 4]",
              "discriminator.main.0.weight [64, 3, 4, 4]",
              "discriminator.main.2.weight [128, 64, 4, 4]",
              "discriminator.main.5.weight [256, 128, 4, 4]",
              "discriminator.main.8.weight [512, 256, 4, 4]",
              "discriminator.main.11.weight [1, 512, 4, 4]"),
          weights);
    }
  }

  @Test
  void picturesOfAnySizeLieInTheMiddleOfTheSquare() {
    try (Dcgan gan = small(1, 6, 5);
        Tape tape = Tape.inference(device);
        Tensor x = Tensor.full(device, DType.FLOAT32, 0.75, 2, 30)) {
      Var square = gan.input(tape, x);
      assertEquals("[2, 1, 8, 8]", shape(square.value()));
      float[] values = square.value().toArray();
      for (int r = 0; r < 8; r++) {
        for (int c = 0; c < 8; c++) {
          boolean inside = r >= 1 && r < 7 && c >= 1 && c < 6;
          assertEquals(inside ? 0.5f : -1, values[r * 8 + c], r + ", " + c);
        }
      }
      // Undone by what samples go through.
      assertArrayEquals(x.toArray(), gan.output(square).value().toArray());
    }
  }

  @Test
  void samplesAreGreyLevelsInTheShapeOfTheData() {
    for (int[] size : Stream.of(new int[] {1, 28, 28}, new int[] {3, 9, 16}).toList()) {
      try (Dcgan gan = small(size[0], size[1], size[2]);
          Tensor samples = gan.sample(300, 3)) {
        assertEquals("[300, " + size[0] * size[1] * size[2] + "]", shape(samples));
        for (float v : samples.toArray()) {
          assertTrue(v >= 0 && v <= 1, "" + v);
        }
      }
    }
  }

  @Test
  void aFileHoldsTheRunningStatisticsToo(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("gan.safetensors");
    try (Dcgan gan = small(1, 8, 8);
        Tensor data = Tensor.uniform(device, new Rng(1, 1), 20, 64)) {
      try (GanTraining run = new GanTraining(gan, data, GanTrainingConfig.of(1))) {
        run.step();
      }
      gan.save(file);
      try (Dcgan loaded = Dcgan.load(file, device);
          Tensor want = gan.sample(7, 2);
          Tensor got = loaded.sample(7, 2)) {
        assertEquals(gan.config(), loaded.config());
        assertArrayEquals(want.toArray(), got.toArray());
      }
    }
  }

  @Test
  void sizesOutOfRangeAreRefused() {
    refused("channels", () -> new DcganConfig(2, 8, 8, 1, 1, 1));
    refused("height", () -> new DcganConfig(1, 4, 8, 1, 1, 1));
    refused("width", () -> new DcganConfig(1, 8, 5000, 1, 1, 1));
    refused("latents", () -> new DcganConfig(1, 8, 8, 0, 1, 1));
    refused("generatorWidth", () -> new DcganConfig(1, 8, 8, 1, 0, 1));
    refused("discriminatorWidth", () -> new DcganConfig(1, 8, 8, 1, 1, 0));
  }

  private static void refused(String word, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(word), message);
  }
}
