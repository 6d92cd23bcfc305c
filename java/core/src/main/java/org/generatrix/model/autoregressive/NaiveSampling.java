// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

import static org.generatrix.autograd.Functions.slice;

import java.util.Arrays;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Rng;
import org.generatrix.tensor.Tensor;

/**
 * Sampling as the definition says it: for each pixel a pass of the whole network, of which that
 * pixel's outputs are used. The reference for anything faster; which uniforms make which decision
 * is said in {@link PixelDistribution}.
 */
final class NaiveSampling {
  private NaiveSampling() {}

  /** Draws all that is not known, in raster order. */
  static void fill(AutoregressiveImages model, PartialImages images, long[] labels, long seed) {
    fill(model, images, labels, seed, model.image().pixels());
  }

  /** The same up to a pixel. */
  static void fill(
      AutoregressiveImages model, PartialImages images, long[] labels, long seed, int pixels) {
    ImageShape image = model.image();
    PixelDistribution distribution = model.distribution();
    int[] levels = new int[image.channels()];
    for (int pixel = 0; pixel < pixels; pixel++) {
      float[] uniforms = uniforms(model, images.rows(), pixel, seed);
      for (int pass = 0; pass < distribution.passes(); pass++) {
        if (images.allKnow(pass, pixel)) {
          continue;
        }
        float[] outputs = outputs(model, images, labels, pixel); // [rows][P]
        for (int row = 0; row < images.rows(); row++) {
          distribution.draw(
              pass,
              part(outputs, row, distribution.outputs()),
              part(uniforms, row, distribution.draws()),
              levels);
          if (distribution.passes() > 1) {
            images.put(row, pass, pixel, levels[pass]);
          } else {
            for (int c = 0; c < levels.length; c++) {
              images.put(row, c, pixel, levels[c]);
            }
          }
        }
      }
    }
  }

  private static float[] part(float[] values, int row, int size) {
    return Arrays.copyOfRange(values, row * size, (row + 1) * size);
  }

  private static float[] uniforms(AutoregressiveImages model, int rows, int pixel, long seed) {
    int draws = model.distribution().draws();
    try (Tensor u = Tensor.uniform(model.device(), new Rng(seed, pixel), rows, draws)) {
      return u.toArray();
    }
  }

  private static float[] outputs(
      AutoregressiveImages model, PartialImages images, long[] labels, int pixel) {
    int size = model.distribution().outputs();
    int width = model.image().width();
    long[] from = {0, 0, pixel / width, pixel % width};
    float[] all = new float[images.rows() * size];
    for (int first = 0; first < images.rows(); first += model.rowsAtATime()) {
      int end = Math.min(images.rows(), first + model.rowsAtATime());
      long[] theirs = labels == null ? null : Arrays.copyOfRange(labels, first, end);
      try (Tape tape = Tape.inference(model.device());
          Tensor x = images.rows(model.device(), first, end)) {
        Var outputs = model.outputs(model.input(tape, x), theirs);
        long[] to = {end - first, size, from[2] + 1, from[3] + 1};
        float[] some = slice(outputs, from, to).value().toArray();
        System.arraycopy(some, 0, all, first * size, some.length);
      }
    }
    return all;
  }
}
