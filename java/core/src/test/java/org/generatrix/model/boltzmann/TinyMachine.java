// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import java.util.Random;
import org.generatrix.binding.Device;
import org.generatrix.tensor.Tensor;

/**
 * A machine small enough to be enumerated, in plain double loops over its definition: the truth
 * that the library is tested against. State number s has unit i at bit i of s.
 */
public final class TinyMachine {
  final double[][] W; // [visible][hidden]
  final double[] b; // of the standard form
  final double[] c;
  public final int visible;
  public final int hidden;

  private TinyMachine(double[][] W, double[] b, double[] c) {
    this.W = W;
    this.b = b;
    this.c = c;
    visible = b.length;
    hidden = c.length;
  }

  /** The standard form of a library machine: b' = b - W lambda, c' = c - W' mu. */
  public static TinyMachine of(Rbm rbm) {
    int D = rbm.config().visible();
    int H = rbm.config().hidden();
    float[] w = rbm.W().toArray();
    float[] bias = rbm.b().toArray();
    float[] hiddenBias = rbm.c().toArray();
    float[] mu = rbm.config().centered() ? rbm.mu().toArray() : new float[D];
    float[] lambda = rbm.config().centered() ? rbm.lambda().toArray() : new float[H];
    double[][] W = new double[D][H];
    double[] b = new double[D];
    double[] c = new double[H];
    for (int j = 0; j < H; j++) {
      c[j] = hiddenBias[j];
    }
    for (int i = 0; i < D; i++) {
      b[i] = bias[i];
      for (int j = 0; j < H; j++) {
        W[i][j] = w[i * H + j];
        b[i] -= W[i][j] * lambda[j];
        c[j] -= W[i][j] * mu[i];
      }
    }
    return new TinyMachine(W, b, c);
  }

  /**
   * A library machine with parameters drawn from N(0, scale^2) and, when centered, offsets from [0,
   * 1].
   */
  public static Rbm random(
      Device device, int visible, int hidden, boolean centered, double scale, long seed) {
    Random random = new Random(seed);
    Rbm rbm = Rbm.create(device, new RbmConfig(visible, hidden, centered, 0), null, 1);
    rbm.W().copyFrom(normal(random, visible * hidden, scale));
    rbm.b().copyFrom(normal(random, visible, scale));
    rbm.c().copyFrom(normal(random, hidden, scale));
    if (centered) {
      rbm.mu().copyFrom(uniform(random, visible));
      rbm.lambda().copyFrom(uniform(random, hidden));
    }
    return rbm;
  }

  static float[] normal(Random random, int n, double scale) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return values;
  }

  static float[] uniform(Random random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }

  static int bit(int state, int i) {
    return state >> i & 1;
  }

  public int visibleStates() {
    return 1 << visible;
  }

  int hiddenStates() {
    return 1 << hidden;
  }

  double energy(int v, int h) {
    double e = 0;
    for (int i = 0; i < visible; i++) {
      e -= b[i] * bit(v, i);
      for (int j = 0; j < hidden; j++) {
        e -= W[i][j] * bit(v, i) * bit(h, j);
      }
    }
    for (int j = 0; j < hidden; j++) {
      e -= c[j] * bit(h, j);
    }
    return e;
  }

  /** log Z by the definition: over all joint states. */
  public double logPartition() {
    double sum = 0;
    for (int v = 0; v < visibleStates(); v++) {
      for (int h = 0; h < hiddenStates(); h++) {
        sum += Math.exp(-energy(v, h));
      }
    }
    return Math.log(sum);
  }

  public double freeEnergy(int v) {
    double sum = 0;
    for (int h = 0; h < hiddenStates(); h++) {
      sum += Math.exp(-energy(v, h));
    }
    return -Math.log(sum);
  }

  /** p(v) of every visible state. */
  public double[] distribution() {
    double logZ = logPartition();
    double[] p = new double[visibleStates()];
    for (int v = 0; v < p.length; v++) {
      p[v] = Math.exp(-freeEnergy(v) - logZ);
    }
    return p;
  }

  double hiddenProbability(int v, int j) {
    double on = 0;
    double all = 0;
    for (int h = 0; h < hiddenStates(); h++) {
      double weight = Math.exp(-energy(v, h));
      all += weight;
      on += bit(h, j) * weight;
    }
    return on / all;
  }

  double visibleProbability(int h, int i) {
    double on = 0;
    double all = 0;
    for (int v = 0; v < visibleStates(); v++) {
      double weight = Math.exp(-energy(v, h));
      all += weight;
      on += bit(v, i) * weight;
    }
    return on / all;
  }

  /**
   * E[(v_i - mu_i)(h_j - lambda_j)] when v has the given distribution and h follows the machine.
   */
  double[][] correlation(double[] distribution, float[] mu, float[] lambda) {
    double[][] mean = new double[visible][hidden];
    for (int v = 0; v < distribution.length; v++) {
      for (int j = 0; j < hidden; j++) {
        double h = hiddenProbability(v, j) - lambda[j];
        for (int i = 0; i < visible; i++) {
          mean[i][j] += distribution[v] * (bit(v, i) - mu[i]) * h;
        }
      }
    }
    return mean;
  }

  /** The rows of every state of that many units, float [2^units, units]. */
  public static float[] allStates(int units) {
    int[] states = new int[1 << units];
    for (int s = 0; s < states.length; s++) {
      states[s] = s;
    }
    return rows(states, units);
  }

  public static float[] rows(int[] states, int units) {
    float[] rows = new float[states.length * units];
    for (int r = 0; r < states.length; r++) {
      for (int i = 0; i < units; i++) {
        rows[r * units + i] = bit(states[r], i);
      }
    }
    return rows;
  }

  /** Every state, bits [2^units, units]. */
  public static Tensor allStates(Device device, int units) {
    return states(device, allStates(units), units);
  }

  /** Rows of 0 and 1 as bits [n, units]. */
  public static Tensor states(Device device, float[] rows, int units) {
    try (Tensor floats = Tensor.of(device, rows, rows.length / units, units)) {
      return floats.toBits(0.5f);
    }
  }

  /** The states' numbers, from bits or floats [n, units]. */
  public static int[] numbers(Tensor states) {
    int units = (int) states.units();
    float[] rows = states.toArray();
    int[] numbers = new int[rows.length / units];
    for (int i = 0; i < rows.length; i++) {
      numbers[i / units] |= Math.round(rows[i]) << i % units;
    }
    return numbers;
  }

  /**
   * Fails unless the counts of the sampled states agree with the exact distribution: the chi-square
   * statistic over states expected at least 5 times (the rest pooled) stays within z standard
   * deviations of its mean.
   */
  public static void requireDistribution(int[] samples, double[] exact, double z) {
    double[] counts = new double[exact.length];
    for (int s : samples) {
      counts[s]++;
    }
    double chi2 = 0;
    int cells = 0;
    double restExpected = 0;
    double restCount = 0;
    for (int s = 0; s < exact.length; s++) {
      double expected = exact[s] * samples.length;
      if (expected < 5) {
        restExpected += expected;
        restCount += counts[s];
      } else {
        chi2 += (counts[s] - expected) * (counts[s] - expected) / expected;
        cells++;
      }
    }
    if (restExpected >= 5) {
      chi2 += (restCount - restExpected) * (restCount - restExpected) / restExpected;
      cells++;
    }
    if (cells < 2) {
      throw new AssertionError("a test over " + cells + " cells says nothing");
    }
    double freedom = cells - 1;
    double bound = freedom + z * Math.sqrt(2 * freedom);
    if (!(chi2 <= bound)) {
      throw new AssertionError(
          "chi-square %.1f over %d cells, expected at most %.1f".formatted(chi2, cells, bound));
    }
  }
}
