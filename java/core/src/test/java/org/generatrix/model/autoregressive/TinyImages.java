// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

import java.util.Arrays;
import java.util.Random;
import org.generatrix.binding.Device;
import org.generatrix.tensor.Tensor;

/** Small models of every kind, with weights that matter, and images for them. */
final class TinyImages {
  private TinyImages() {}

  static PixelCnn plain(Device device, ImageShape image, int blocks) {
    int h = 2 * image.channels();
    PixelCnnConfig config = new PixelCnnConfig(image, h, blocks, 3, 3, 4 * image.channels());
    return lively(PixelCnn.create(device, config, 1));
  }

  static GatedPixelCnn gated(Device device, ImageShape image, int layers, int classes) {
    int p = 2 * image.channels();
    return lively(
        GatedPixelCnn.create(
            device, new GatedPixelCnnConfig(image, p, layers, 3, 3, 2 * p, classes), 1));
  }

  static PixelCnnPlusPlus plusPlus(
      Device device, ImageShape image, int scales, int blocks, int classes) {
    return lively(
        PixelCnnPlusPlus.create(
            device, new PixelCnnPlusPlusConfig(image, 4, scales, blocks, 2, 0.1, classes), 1));
  }

  /** Biases that are not 0, and all weights large enough to show. */
  private static <M extends AutoregressiveImages> M lively(M model) {
    Random random = new Random(5);
    model
        .parameters()
        .values()
        .forEach(
            tensor -> {
              float[] values = tensor.toArray();
              for (int i = 0; i < values.length; i++) {
                values[i] += (float) (0.3 * random.nextGaussian());
              }
              tensor.copyFrom(values);
            });
    return model;
  }

  /**
   * All weights positive, those of an output 1 together, so that nothing cancels, no unit is dead
   * and none is saturated: for what sees what.
   */
  static <M extends AutoregressiveImages> M positive(M model) {
    model
        .parameters()
        .values()
        .forEach(
            tensor -> {
              float[] values = tensor.toArray();
              for (int i = 0; i < values.length; i++) {
                values[i] = Math.abs(values[i]) + 0.1f;
              }
              int row = tensor.shape().length < 2 ? 1 : values.length / (int) tensor.shape()[0];
              for (int first = 0; row > 1 && first < values.length; first += row) {
                float sum = 0;
                for (int i = 0; i < row; i++) {
                  sum += values[first + i];
                }
                for (int i = 0; i < row; i++) {
                  values[first + i] /= sum;
                }
              }
              tensor.copyFrom(values);
            });
    return model;
  }

  /** All images of an alphabet, [levels^entries, entries]; the first entry changes slowest. */
  static float[] all(ImageShape image) {
    int count = (int) Math.round(Math.pow(image.levels(), image.entries()));
    float[] all = new float[count * image.entries()];
    for (int i = 0; i < count; i++) {
      int rest = i;
      for (int e = image.entries() - 1; e >= 0; e--) {
        all[i * image.entries() + e] = image.value(rest % image.levels());
        rest /= image.levels();
      }
    }
    return all;
  }

  /** Which of {@link #all} an image is. */
  static int index(ImageShape image, float[] values, int row) {
    int index = 0;
    for (int e = 0; e < image.entries(); e++) {
      index = index * image.levels() + image.level(values[row * image.entries() + e]);
    }
    return index;
  }

  static Tensor tensor(Device device, ImageShape image, float... values) {
    return Tensor.of(device, values, values.length / image.entries(), image.entries());
  }

  /** Random images. */
  static float[] random(ImageShape image, int rows, long seed) {
    Random random = new Random(seed);
    float[] values = new float[rows * image.entries()];
    for (int i = 0; i < values.length; i++) {
      values[i] = image.value(random.nextInt(image.levels()));
    }
    return values;
  }

  /** The probability of each of all images. */
  static double[] probabilities(AutoregressiveImages model, long label) {
    ImageShape image = model.image();
    try (Tensor x = tensor(model.device(), image, all(image))) {
      long[] labels = null;
      if (model.classes() > 0) {
        labels = new long[Math.toIntExact(x.rows())];
        Arrays.fill(labels, label);
      }
      return Arrays.stream(model.logLikelihood(x, labels)).map(Math::exp).toArray();
    }
  }

  /** Pearson's statistic of samples against probabilities. */
  static double chiSquare(int[] counts, double[] probabilities) {
    int n = Arrays.stream(counts).sum();
    double chi = 0;
    for (int i = 0; i < counts.length; i++) {
      double expected = n * probabilities[i];
      chi += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
    return chi;
  }
}
