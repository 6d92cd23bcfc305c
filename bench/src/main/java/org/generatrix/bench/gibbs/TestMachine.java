// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.gibbs;

import java.util.SplittableRandom;
import org.generatrix.binding.Device;
import org.generatrix.binding.RbmParameters;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/**
 * A machine and states with the statistics of real ones, the same at every run: weights of standard
 * deviation 1.4 / sqrt(units), and visible units that are on as often as ink is in a digit.
 *
 * @param W [visible][hidden]
 * @param b [visible]
 * @param c [hidden]
 */
record TestMachine(int visible, int hidden, float[] W, float[] b, float[] c) {
  private static final double WEIGHT_SCALE = 1.4; // 0.05 for 784 units
  private static final double INK = 0.13; // the share of pixels above one half in MNIST

  static TestMachine of(int visible, int hidden) {
    SplittableRandom random = new SplittableRandom(20260101);
    float[] weights =
        normal(random, visible * hidden, 0, WEIGHT_SCALE / Math.sqrt(Math.max(visible, hidden)));
    float[] b = normal(random, visible, Math.log(INK / (1 - INK)), 0.5);
    float[] c = normal(random, hidden, 0, 0.5);
    return new TestMachine(visible, hidden, weights, b, c);
  }

  /** The parameters on a device; the scope owns them. */
  RbmParameters on(Device device, Scope scope) {
    return new RbmParameters(
        visible,
        hidden,
        scope.own(Tensor.of(device, W, visible, hidden)).buffer(),
        scope.own(Tensor.of(device, b, visible)).buffer(),
        scope.own(Tensor.of(device, c, hidden)).buffer(),
        null,
        null);
  }

  /** [rows][visible], zeros and ones. */
  float[] states(int rows) {
    SplittableRandom random = new SplittableRandom(7);
    float[] states = new float[rows * visible];
    for (int i = 0; i < states.length; i++) {
      states[i] = random.nextDouble() < INK ? 1 : 0;
    }
    return states;
  }

  /** P(h = 1 | v) of one row, in double. */
  double[] hiddenProbabilities(float[] v, int row) {
    double[] x = widen(c);
    for (int i = 0; i < visible; i++) {
      double state = v[row * visible + i];
      for (int j = 0; j < hidden; j++) {
        x[j] += state * W[i * hidden + j];
      }
    }
    return sigmoid(x);
  }

  /** P(v = 1 | h) of one row, in double. */
  double[] visibleProbabilities(float[] h, int row) {
    double[] x = widen(b);
    for (int i = 0; i < visible; i++) {
      for (int j = 0; j < hidden; j++) {
        x[i] += (double) h[row * hidden + j] * W[i * hidden + j];
      }
    }
    return sigmoid(x);
  }

  private static float[] normal(SplittableRandom random, int count, double mean, double deviation) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
    }
    return values;
  }

  private static double[] widen(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  private static double[] sigmoid(double[] x) {
    for (int i = 0; i < x.length; i++) {
      x[i] = 1 / (1 + Math.exp(-x[i]));
    }
    return x;
  }
}
