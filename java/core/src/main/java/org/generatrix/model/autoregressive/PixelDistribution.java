// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

import static org.generatrix.autograd.Functions.bernoulliLogLikelihood;
import static org.generatrix.autograd.Functions.categoricalLogLikelihood;

import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.DiscretisedLogisticMixture;
import org.generatrix.binding.LogisticMixture;

/**
 * What the last layer of a network says about a pixel: how its outputs [n, P, height, width] are a
 * distribution of the pixel's channels, and how one is drawn.
 *
 * <p>How draws are made is fixed, so that whoever computes the same outputs draws the same images:
 * row r takes for pixel i, counted in raster order, the uniforms of row r of a fill [rows, draws]
 * of the stream (seed, i). The outputs are float32, all that follows is in double, sums from the
 * first term on.
 */
sealed interface PixelDistribution {

  /** P. */
  int outputs();

  /** Uniforms of a pixel. */
  int draws();

  /** Passes of the network for a pixel: one for each channel if a channel sees those before it. */
  int passes();

  /**
   * Log-likelihood of each image in nats, [n].
   *
   * @param outputs [n, P, height, width]
   * @param x [n, channels, height, width] of values 2 j / (levels - 1) - 1
   */
  Var logLikelihood(Var outputs, Var x);

  /**
   * Draws what a pass gives: the pass's channel, or all channels if there is one pass.
   *
   * @param o the pixel's outputs, P of them
   * @param u the pixel's uniforms in [0, 1)
   * @param levels of the pixel's channels, filled
   */
  void draw(int pass, float[] o, float[] u, int[] levels);

  /** The first k whose exp(o[k] - max), added up from the first on, exceeds u times their sum. */
  static int category(float[] o, int from, int count, double u) {
    double most = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < count; k++) {
      most = Math.max(most, o[from + k]);
    }
    double sum = 0;
    for (int k = 0; k < count; k++) {
      sum += Math.exp(o[from + k] - most);
    }
    double reached = 0;
    for (int k = 0; k < count - 1; k++) {
      reached += Math.exp(o[from + k] - most);
      if (reached > u * sum) {
        return k;
      }
    }
    return count - 1;
  }

  /** One logit for each channel of two levels: 1 if u is below 1 / (1 + exp(-logit)). */
  record Bernoulli(ImageShape image) implements PixelDistribution {
    @Override
    public int outputs() {
      return image.channels();
    }

    @Override
    public int draws() {
      return image.channels();
    }

    @Override
    public int passes() {
      return image.channels();
    }

    @Override
    public Var logLikelihood(Var outputs, Var x) {
      long n = x.shape()[0];
      Var states = x.add(1).mul(0.5); // back to 0 and 1, exactly
      return bernoulliLogLikelihood(
          outputs.reshape(n, image.entries()), states.reshape(n, image.entries()));
    }

    @Override
    public void draw(int pass, float[] o, float[] u, int[] levels) {
      levels[pass] = u[pass] < 1 / (1 + Math.exp(-(double) o[pass])) ? 1 : 0;
    }
  }

  /** Logits of the levels of each channel, channel by channel: a softmax. */
  record Categorical(ImageShape image) implements PixelDistribution {
    @Override
    public int outputs() {
      return image.channels() * image.levels();
    }

    @Override
    public int draws() {
      return image.channels();
    }

    @Override
    public int passes() {
      return image.channels();
    }

    @Override
    public Var logLikelihood(Var outputs, Var x) {
      long n = x.shape()[0];
      float[] values = x.value().toArray();
      long[] labels = new long[values.length];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = image.level((values[i] + 1) / 2);
      }
      Var logits = // [n channels pixels, levels]
          outputs
              .reshape(n * image.channels(), image.levels(), image.pixels())
              .transpose(1, 2)
              .reshape(labels.length, image.levels());
      return categoricalLogLikelihood(logits, labels).reshape(n, image.entries()).sum(1);
    }

    @Override
    public void draw(int pass, float[] o, float[] u, int[] levels) {
      levels[pass] = category(o, pass * image.levels(), image.levels(), u[pass]);
    }
  }

  /**
   * A mixture of logistics that are cut into levels, with channels that depend on each other within
   * a component (Salimans et al. 2017, sections 2.1 and 2.2; the outputs lie as loss.h says). The
   * first uniform draws the component by its logit, the others a logistic for each channel, m + s
   * log(t / (1 - t)) with t = u + 2^-25, which goes to the nearest level.
   */
  record Logistics(ImageShape image, int components) implements PixelDistribution {
    @Override
    public int outputs() {
      return Math.toIntExact(LogisticMixture.planes(image.channels(), components));
    }

    @Override
    public int draws() {
      return 1 + image.channels();
    }

    @Override
    public int passes() {
      return 1;
    }

    @Override
    public Var logLikelihood(Var outputs, Var x) {
      return DiscretisedLogisticMixture.of(
          x, outputs, image.levels(), DiscretisedLogisticMixture.MIN_LOG_SCALE);
    }

    @Override
    public void draw(int pass, float[] o, float[] u, int[] levels) {
      int k = category(o, 0, components, u[0]);
      int block = image.channels() == 1 ? 2 * components : 3 * components; // of a channel
      double[] x = new double[image.channels()];
      for (int c = 0; c < x.length; c++) {
        int at = components + c * block + k;
        double mean = o[at];
        for (int before = 0; before < c; before++) {
          // The coefficients lie in the blocks of channels 0, 1 and 2: t_0; t_1, t_2.
          int t = components + (c == 1 ? 0 : 1 + before) * block + 2 * components + k;
          mean += Math.tanh(o[t]) * x[before];
        }
        double scale =
            Math.exp(Math.max(o[at + components], DiscretisedLogisticMixture.MIN_LOG_SCALE));
        double t = u[1 + c] + 0x1p-25;
        double drawn = mean + scale * (Math.log(t) - Math.log(1 - t));
        double level = Math.floor((drawn + 1) / 2 * (image.levels() - 1) + 0.5);
        levels[c] = (int) Math.min(Math.max(level, 0), image.levels() - 1);
        x[c] = 2.0 * levels[c] / (image.levels() - 1) - 1;
      }
    }
  }
}
