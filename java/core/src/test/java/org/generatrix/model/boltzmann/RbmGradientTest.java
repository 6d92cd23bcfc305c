// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.generatrix.binding.Device;
import org.generatrix.binding.Gibbs;
import org.generatrix.model.boltzmann.RbmTrainingConfig.Algorithm;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The gradients that training follows, against enumeration (oracles 6, 7, 11). Averages over {@link
 * #CHAINS} chains are held to z = 4.5 standard deviations of a product of two numbers within [-1,
 * 1] about its mean, at most 1/2 here.
 */
class RbmGradientTest {
  private static final int D = 4;
  private static final int H = 3;
  private static final int CHAINS = 40_000;
  private static final double BOUND = 4.5 * 0.5 / Math.sqrt(CHAINS);
  private static final int[] DATA = {0b0011, 0b0011, 0b1010, 0b1111, 0b0100};

  private static final Device DEVICE = Device.cpu(1);

  @AfterAll
  static void close() {
    DEVICE.close();
  }

  private static double[] dataDistribution() {
    double[] p = new double[1 << D];
    for (int s : DATA) {
      p[s] += 1.0 / DATA.length;
    }
    return p;
  }

  // --- Oracle 6
  // -------------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void theGradientIsTheSlopeOfTheMeanLogLikelihood(boolean centered) {
    try (Rbm rbm = TinyMachine.random(DEVICE, D, H, centered, 1, 61);
        Tensor data = TinyMachine.states(DEVICE, TinyMachine.rows(DATA, D), D)) {
      TinyMachine exact = TinyMachine.of(rbm);
      double[][] gradient =
          difference(
              exact.correlation(dataDistribution(), mu(rbm), lambda(rbm)),
              exact.correlation(exact.distribution(), mu(rbm), lambda(rbm)));
      float[] W = rbm.W().toArray();
      float step =
          1f / 64; // error of a central difference: step^2 / 6 times a third derivative of about 1
      for (int k = 0; k < W.length; k++) {
        double up = meanLogLikelihood(rbm, data, W, k, step);
        double down = meanLogLikelihood(rbm, data, W, k, -step);
        assertEquals(gradient[k / H][k % H], (up - down) / (2 * step), 2e-4);
      }
    }
  }

  private static double meanLogLikelihood(Rbm rbm, Tensor data, float[] W, int k, float step) {
    float[] moved = W.clone();
    moved[k] += step;
    rbm.W().copyFrom(moved);
    return -Arrays.stream(rbm.freeEnergy(data)).average().orElseThrow() - rbm.logPartition();
  }

  // --- Oracle 7
  // -------------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({"1, false", "1, true", "2, true", "5, false", "100, true"})
  void contrastiveDivergenceHasTheExpectationOfItsChain(int k, boolean centered) {
    try (Rbm rbm = TinyMachine.random(DEVICE, D, H, centered, 1, 62)) {
      TinyMachine exact = TinyMachine.of(rbm);
      double[] model = dataDistribution();
      for (int s = 0; s < k; s++) {
        model = gibbsStep(exact, model);
      }
      double[][] expected =
          difference(
              exact.correlation(dataDistribution(), mu(rbm), lambda(rbm)),
              exact.correlation(model, mu(rbm), lambda(rbm)));
      double[][] update = update(rbm, CHAINS, Algorithm.CD, k);
      requireClose(expected, update);
    }
  }

  @Test
  void theBiasOfContrastiveDivergenceVanishesWithItsSteps() {
    try (Rbm rbm = TinyMachine.random(DEVICE, D, H, true, 2, 62)) {
      TinyMachine exact = TinyMachine.of(rbm);
      double[][] gradient = exactGradient(rbm, exact);
      double[] model = dataDistribution();
      double first = bias(rbm, exact, gibbsStep(exact, model), gradient);
      for (int s = 0; s < 200; s++) {
        model = gibbsStep(exact, model);
      }
      assertTrue(first > 3 * BOUND, "CD-1 must be seen to be biased, got " + first);
      assertEquals(0, bias(rbm, exact, model, gradient), 1e-6);
      requireClose(gradient, update(rbm, CHAINS, Algorithm.CD, 200));
    }
  }

  private static double bias(Rbm rbm, TinyMachine exact, double[] model, double[][] gradient) {
    double[][] cd =
        difference(
            exact.correlation(dataDistribution(), mu(rbm), lambda(rbm)),
            exact.correlation(model, mu(rbm), lambda(rbm)));
    double worst = 0;
    for (int k = 0; k < D * H; k++) {
      worst = Math.max(worst, Math.abs(cd[k / H][k % H] - gradient[k / H][k % H]));
    }
    return worst;
  }

  @ParameterizedTest
  @CsvSource({"PCD, false", "PCD, true", "PARALLEL_TEMPERING, false", "PARALLEL_TEMPERING, true"})
  void persistentChainsGiveTheGradient(Algorithm algorithm, boolean centered) {
    try (Rbm rbm = TinyMachine.random(DEVICE, D, H, centered, 1, 63)) {
      double[][] gradient = exactGradient(rbm, TinyMachine.of(rbm));
      requireClose(gradient, update(rbm, DATA.length, algorithm, 30));
    }
  }

  // What one update at rate 1 adds to W, from data repeated to that many rows.
  private static double[][] update(Rbm rbm, int rows, Algorithm algorithm, int k) {
    int[] states = new int[rows];
    for (int r = 0; r < rows; r++) {
      states[r] = DATA[r % DATA.length];
    }
    RbmTrainingConfig config =
        RbmTrainingConfig.builder()
            .algorithm(algorithm)
            .steps(k)
            .batchSize(rows)
            .chains(CHAINS)
            .replicas(algorithm == Algorithm.PARALLEL_TEMPERING ? 4 : 1)
            .hottestBeta(0)
            .epochs(1)
            .learningRate(1)
            .finalLearningRate(1)
            .offsetRate(0)
            .seed(5)
            .build();
    float[] before = rbm.W().toArray();
    try (Tensor data = TinyMachine.states(DEVICE, TinyMachine.rows(states, D), D);
        RbmTrainer run = new RbmTrainer(rbm, data, config)) {
      run.step();
      assertEquals(1, run.epoch());
    }
    float[] after = rbm.W().toArray();
    rbm.W().copyFrom(before);
    double[][] change = new double[D][H];
    for (int i = 0; i < before.length; i++) {
      change[i / H][i % H] = (double) after[i] - before[i];
    }
    return change;
  }

  private static double[][] exactGradient(Rbm rbm, TinyMachine exact) {
    return difference(
        exact.correlation(dataDistribution(), mu(rbm), lambda(rbm)),
        exact.correlation(exact.distribution(), mu(rbm), lambda(rbm)));
  }

  private static double[] gibbsStep(TinyMachine exact, double[] from) {
    double[] to = new double[from.length];
    for (int h = 0; h < 1 << H; h++) {
      double weight = 0;
      for (int v = 0; v < from.length; v++) {
        double p = from[v];
        for (int j = 0; j < H; j++) {
          double on = exact.hiddenProbability(v, j);
          p *= TinyMachine.bit(h, j) == 1 ? on : 1 - on;
        }
        weight += p;
      }
      for (int v = 0; v < to.length; v++) {
        double p = weight;
        for (int i = 0; i < D; i++) {
          double on = exact.visibleProbability(h, i);
          p *= TinyMachine.bit(v, i) == 1 ? on : 1 - on;
        }
        to[v] += p;
      }
    }
    return to;
  }

  private static void requireClose(double[][] expected, double[][] actual) {
    for (int i = 0; i < D; i++) {
      for (int j = 0; j < H; j++) {
        assertEquals(expected[i][j], actual[i][j], BOUND, "weight " + i + ", " + j);
      }
    }
  }

  private static double[][] difference(double[][] a, double[][] b) {
    double[][] d = new double[a.length][a[0].length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a[0].length; j++) {
        d[i][j] = a[i][j] - b[i][j];
      }
    }
    return d;
  }

  private static float[] mu(Rbm rbm) {
    return rbm.config().centered() ? rbm.mu().toArray() : new float[D];
  }

  private static float[] lambda(Rbm rbm) {
    return rbm.config().centered() ? rbm.lambda().toArray() : new float[H];
  }

  // --- Oracle 11
  // ------------------------------------------------------------------------------------

  @Test
  void theCenteredGradientOfFlippedDataIsTheMirroredOne() {
    Random random = new Random(64);
    boolean[] flip = {true, false, true, true};
    try (Rbm rbm = TinyMachine.random(DEVICE, D, H, true, 1, 65);
        Rbm mirror = TinyMachine.random(DEVICE, D, H, true, 1, 66)) {
      float[] W = rbm.W().toArray();
      float[] b = rbm.b().toArray();
      float[] mu = rbm.mu().toArray();
      for (int i = 0; i < D; i++) {
        if (flip[i]) {
          b[i] = -b[i];
          mu[i] = 1 - mu[i];
          for (int j = 0; j < H; j++) {
            W[i * H + j] = -W[i * H + j];
          }
        }
      }
      mirror.W().copyFrom(W);
      mirror.b().copyFrom(b);
      mirror.c().copyFrom(rbm.c());
      mirror.mu().copyFrom(mu);
      mirror.lambda().copyFrom(rbm.lambda());
      float[] data = TinyMachine.uniform(random, 7 * D); // intensities, as in training
      float[] model = TinyMachine.rows(new int[] {1, 5, 9, 12, 15, 0}, D);
      float[][] g = gradient(rbm, data, model);
      float[][] m = gradient(mirror, flipped(data, flip), flipped(model, flip));
      for (int i = 0; i < D; i++) {
        float sign = flip[i] ? -1 : 1;
        assertEquals(g[1][i], sign * m[1][i], 1e-6);
        for (int j = 0; j < H; j++) {
          assertEquals(g[0][i * H + j], sign * m[0][i * H + j], 1e-6);
        }
      }
      for (int j = 0; j < H; j++) {
        assertEquals(g[2][j], m[2][j], 1e-6);
      }
      // The mirror gives each mirrored state the machine's probability.
      double[] p = TinyMachine.of(rbm).distribution();
      double[] mirrored = TinyMachine.of(mirror).distribution();
      for (int v = 0; v < p.length; v++) {
        assertEquals(p[v], mirrored[v ^ 0b1101], 1e-6);
      }
    }
  }

  private static float[] flipped(float[] rows, boolean[] flip) {
    float[] flipped = rows.clone();
    for (int k = 0; k < rows.length; k++) {
      flipped[k] = flip[k % D] ? 1 - rows[k] : rows[k];
    }
    return flipped;
  }

  private static float[][] gradient(Rbm rbm, float[] data, float[] model) {
    try (Tensor v = Tensor.of(DEVICE, data, data.length / D, D);
        Tensor m = Tensor.of(DEVICE, model, model.length / D, D);
        Tensor vH = rbm.hiddenProbabilities(v);
        Tensor mH = rbm.hiddenProbabilities(m);
        Tensor dW = Tensor.zeros(DEVICE, D, H);
        Tensor db = Tensor.zeros(DEVICE, D);
        Tensor dc = Tensor.zeros(DEVICE, H)) {
      Gibbs.gradient(
          DEVICE,
          rbm.parameters(),
          v.states(),
          vH.buffer(),
          m.states(),
          mH.buffer(),
          dW.buffer(),
          db.buffer(),
          dc.buffer(),
          null,
          null);
      return new float[][] {dW.toArray(), db.toArray(), dc.toArray()};
    }
  }
}
