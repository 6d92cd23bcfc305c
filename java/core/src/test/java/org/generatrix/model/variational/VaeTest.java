// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.variational;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.binding.RandomOps;
import org.generatrix.binding.Rng;
import org.generatrix.model.variational.VaeConfig.Decoder;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaeTest {
  private final Device device = Device.cpu(2);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  private static VaeConfig config(Decoder decoder, String hidden, String latents) {
    return new VaeConfig(6, hidden, latents, decoder, Nonlinearity.TANH);
  }

  private Tensor bits(int rows, int units, long seed) {
    try (Tensor p = Tensor.zeros(device, rows, units)) {
      RandomOps.uniform(device, new Rng(seed, 0), rows, units, p.view());
      return p.toBits(0.5f);
    }
  }

  private static double mean(double[] x) {
    return Arrays.stream(x).average().orElseThrow();
  }

  private static double standardError(double[] x) {
    double mean = mean(x);
    double square = Arrays.stream(x).map(v -> (v - mean) * (v - mean)).sum();
    return Math.sqrt(square / (x.length - 1) / x.length);
  }

  // --- The linear Gaussian model, where everything is known -------------------------------------

  /**
   * x = W z + b + noise of variance 1/2, W with orthogonal columns, so that the posterior of z is
   * diagonal: N(w_j (x - b) / m_j, 1 / (2 m_j)), m_j = |w_j|^2 + 1/2.
   */
  private static final class LinearGaussian {
    static final double[][] W = {{0.9, 0.5}, {0.9, -0.5}, {0, 0.5}};
    static final double[] B = {0.3, -0.2, 0.1};
    static final double NOISE = 0.5;

    static double m(int j) {
      return NOISE + W[0][j] * W[0][j] + W[1][j] * W[1][j] + W[2][j] * W[2][j];
    }

    /** Its VAE; the recognition network's means are moved by {@code off}. */
    static Vae vae(Device device, double off) {
      VaeConfig config = new VaeConfig(3, "", "2", Decoder.GAUSSIAN, Nonlinearity.TANH);
      Vae vae = Vae.create(device, config, 1);
      Map<String, Tensor> p = vae.parameters();
      p.values().forEach(t -> t.copyFrom(new double[(int) t.size()]));
      p.get("decoder.mean.weight")
          .copyFrom(Arrays.stream(W).flatMapToDouble(Arrays::stream).toArray());
      p.get("decoder.mean.bias").copyFrom(B);
      double log = Math.log(NOISE);
      p.get("decoder.log_variance.bias").copyFrom(new double[] {log, log, log});
      double[] weight = new double[6];
      double[] bias = new double[2];
      double[] logVariance = new double[2];
      for (int j = 0; j < 2; j++) {
        bias[j] = off;
        for (int i = 0; i < 3; i++) {
          weight[j * 3 + i] = W[i][j] / m(j);
          bias[j] -= weight[j * 3 + i] * B[i];
        }
        logVariance[j] = Math.log(NOISE / m(j));
      }
      p.get("encoder1.mean.weight").copyFrom(weight);
      p.get("encoder1.mean.bias").copyFrom(bias);
      p.get("encoder1.log_variance.bias").copyFrom(logVariance);
      return vae;
    }

    /** log N(x; B, W W' + I / 2), by the 3 x 3 determinant and inverse. */
    static double logDensity(double... x) {
      double[][] c = new double[3][3];
      for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 3; k++) {
          c[i][k] = W[i][0] * W[k][0] + W[i][1] * W[k][1] + (i == k ? NOISE : 0);
        }
      }
      double[][] cofactor = new double[3][3];
      for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 3; k++) {
          cofactor[i][k] =
              c[(i + 1) % 3][(k + 1) % 3] * c[(i + 2) % 3][(k + 2) % 3]
                  - c[(i + 1) % 3][(k + 2) % 3] * c[(i + 2) % 3][(k + 1) % 3];
        }
      }
      double det = c[0][0] * cofactor[0][0] + c[0][1] * cofactor[0][1] + c[0][2] * cofactor[0][2];
      double square = 0;
      for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 3; k++) {
          square += (x[i] - B[i]) * cofactor[k][i] / det * (x[k] - B[k]);
        }
      }
      return -0.5 * (3 * Math.log(2 * Math.PI) + Math.log(det) + square);
    }
  }

  private static final float[] POINTS = {0.1f, -1.2f, 0.7f, 2, 0.5f, -0.3f};

  /** Oracle 40: with the exact posterior every weight is p(x), whatever is drawn. */
  @Test
  void theOptimalBoundIsTheExactLikelihood() {
    try (Tensor x = Tensor.of(device, POINTS, 2, 3);
        Vae vae = LinearGaussian.vae(device, 0)) {
      double[] exact = {
        LinearGaussian.logDensity(0.1f, -1.2f, 0.7f), LinearGaussian.logDensity(2, 0.5f, -0.3f)
      };
      for (int k : new int[] {2, 7, 250}) {
        assertArrayEquals(exact, vae.logLikelihood(x, k, k), 1e-5);
      }
    }
  }

  /** Oracle 40: away from it, the bound is lower by KL(q || posterior). */
  @Test
  void theGapOfTheBoundIsTheDivergenceFromThePosterior() {
    int rows = 40_000;
    double off = 0.4;
    float[] same = new float[rows * 3];
    for (int i = 0; i < same.length; i++) {
      same[i] = POINTS[i % 3];
    }
    double gap = 0; // sum of off^2 / (2 variance)
    for (int j = 0; j < 2; j++) {
      gap += off * off / 2 * LinearGaussian.m(j) / LinearGaussian.NOISE;
    }
    try (Tensor x = Tensor.of(device, same, rows, 3);
        Vae vae = LinearGaussian.vae(device, off)) {
      Vae.Bound bound = vae.bound(x, 5);
      double expected = LinearGaussian.logDensity(0.1f, -1.2f, 0.7f) - gap;
      assertEquals(expected, mean(bound.elbo()), 4.9 * standardError(bound.elbo()) + 1e-5);
      assertTrue(gap > 0.2);
      for (int i = 0; i < rows; i += 997) {
        assertEquals(bound.elbo()[i], bound.reconstruction()[i] - bound.kl()[i], 1e-9);
      }
    }
  }

  /** Oracle 42: L_K rises with K, to log p(x). */
  @Test
  void moreSamplesTightenTheBound() {
    int rows = 4000;
    float[] same = new float[rows * 3];
    for (int i = 0; i < same.length; i++) {
      same[i] = POINTS[i % 3];
    }
    try (Tensor x = Tensor.of(device, same, rows, 3);
        Tensor one = Tensor.of(device, Arrays.copyOf(POINTS, 3), 1, 3);
        Vae vae = LinearGaussian.vae(device, 0.4)) {
      double exact = LinearGaussian.logDensity(0.1f, -1.2f, 0.7f);
      double before = Double.NEGATIVE_INFINITY;
      for (int k : new int[] {1, 2, 5, 20, 100}) {
        double[] bound = vae.elbo(x, k, 3);
        assertTrue(mean(bound) > before, "K = " + k);
        assertTrue(mean(bound) < exact + 4.9 * standardError(bound), "K = " + k);
        before = mean(bound);
      }
      assertEquals(exact, before, 0.02);
      assertEquals(exact, vae.logLikelihood(one, 20_000, 1)[0], 0.03);
    }
  }

  /** Oracle 43: grad L_K = sum_k softmax(log w)_k grad log w_k, for the same draws. */
  @Test
  void theBoundsGradientWeighsItsSamples() {
    int k = 5;
    try (Vae vae = Vae.create(device, config(Decoder.BERNOULLI, "7", "3"), 4);
        Tensor x = bits(4, 6, 2)) {
      Tensor weight = vae.parameters().get("encoder1.mean.weight");
      try (Tape direct = Tape.training(device, 9, 0);
          Tape weighted = Tape.training(device, 9, 0)) {
        Var loss = vae.importanceWeightedBound(vae.input(direct, x), k).sum();
        float[] expected = direct.gradients(loss).of(weight).toArray();
        Var logWeights = vae.logWeights(vae.input(weighted, x), k);
        double[] w = logWeights.value().toDoubleArray();
        float[] share = new float[w.length];
        for (int r = 0; r < w.length; r += k) {
          double most = Arrays.stream(w, r, r + k).max().orElseThrow();
          double sum = Arrays.stream(w, r, r + k).map(v -> Math.exp(v - most)).sum();
          for (int i = r; i < r + k; i++) {
            share[i] = (float) (Math.exp(w[i] - most) / sum);
          }
        }
        try (Tensor dy = Tensor.of(device, share, 4, k)) {
          assertArrayEquals(
              expected, weighted.gradients(logWeights, dy).of(weight).toArray(), 1e-5f);
        }
      }
    }
  }

  // --- Training, files, use ---------------------------------------------------------------------

  @Test
  void trainingRaisesTheBoundOfEveryKind() {
    try (Tensor x = bits(200, 6, 3);
        Tensor floats = x.toFloats()) {
      for (VaeConfig config :
          List.of(
              config(Decoder.BERNOULLI, "8", "2"),
              config(Decoder.BERNOULLI, "8-8,4", "3-2"),
              config(Decoder.GAUSSIAN, "8", "2"),
              config(Decoder.GAUSSIAN, "8,4", "3-2"))) {
        Tensor data = config.decoder() == Decoder.BERNOULLI ? x : floats;
        for (VaeTrainingConfig how : List.of(fast(false), fast(true))) {
          try (Vae vae = Vae.create(device, config, 1);
              VaeTraining run = new VaeTraining(vae, data, how)) {
            double before = mean(vae.elbo(data, 1, 1));
            while (run.epoch() < run.epochs()) {
              run.step();
            }
            double after = mean(vae.elbo(data, 1, 1));
            assertTrue(after > before + 0.2, config + " from " + before + " to " + after);
          }
        }
      }
    }
  }

  private static VaeTrainingConfig fast(boolean weighted) {
    VaeTrainingConfig base = weighted ? VaeTrainingConfig.iwae(10, 3) : VaeTrainingConfig.elbo(10);
    return new VaeTrainingConfig(
        base.epochs(),
        20,
        base.objective(),
        base.importanceSamples(),
        0.01,
        base.decay(),
        base.binarisation(),
        7);
  }

  @Test
  void aResumedRunIsTheSameRun(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("run.safetensors");
    VaeConfig config = config(Decoder.BERNOULLI, "8", "2");
    try (Tensor x = bits(50, 6, 3);
        Vae straight = Vae.create(device, config, 1);
        VaeTraining all = new VaeTraining(straight, x, fast(true));
        Vae first = Vae.create(device, config, 1);
        VaeTraining half = new VaeTraining(first, x, fast(true))) {
      for (int i = 0; i < 9; i++) {
        all.step();
      }
      for (int i = 0; i < 4; i++) {
        half.step();
      }
      half.save(file);
      try (Vae second = Vae.load(file, device);
          VaeTraining rest = VaeTraining.resume(second, file, x)) {
        assertEquals(fast(true), rest.config());
        for (int i = 0; i < 5; i++) {
          rest.step();
        }
        straight
            .parameters()
            .forEach(
                (name, tensor) ->
                    assertArrayEquals(
                        tensor.toArray(), second.parameters().get(name).toArray(), name));
      }
    }
  }

  @Test
  void filesKeepTheModel(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("vae.safetensors");
    try (Tensor x = bits(5, 6, 3);
        Vae vae = Vae.create(device, config(Decoder.BERNOULLI, "8-7,4", "3-2"), 1)) {
      vae.save(file);
      try (Vae loaded = Vae.load(file, device)) {
        assertEquals(vae.config(), loaded.config());
        assertArrayEquals(vae.logLikelihood(x, 5, 2), loaded.logLikelihood(x, 5, 2));
      }
      assertTrue(Files.size(file) > 0);
    }
  }

  @Test
  void theOutputBeginsAtTheMeanOfTheData() {
    float[] mean = {0.1f, 0.5f, 0.9f, 0.2f, 0.3f, 0.7f};
    try (Vae vae = Vae.create(device, config(Decoder.BERNOULLI, "8", "2"), mean, 1);
        Vae gaussian = Vae.create(device, config(Decoder.GAUSSIAN, "8", "2"), mean, 1);
        Tensor zero = Tensor.zeros(device, 1, 2)) {
      try (Tensor p = vae.decode(zero);
          Tensor m = gaussian.decode(zero)) {
        assertArrayEquals(mean, p.toArray(), 1e-5f);
        assertArrayEquals(mean, m.toArray(), 1e-5f);
      }
    }
  }

  @Test
  void shapesAreRight() {
    try (Tensor x = bits(5, 6, 3);
        Vae vae = Vae.create(device, config(Decoder.BERNOULLI, "8,4", "3-2"), 1);
        Tensor codes = vae.encode(x);
        Tensor means = vae.decode(codes);
        Tensor samples = vae.sample(7, 1);
        Tensor again = vae.sample(7, 1);
        Tensor others = vae.sample(7, 2)) {
      assertArrayEquals(new long[] {5, 2}, codes.shape());
      assertArrayEquals(new long[] {5, 6}, means.shape());
      assertArrayEquals(new long[] {7, 6}, samples.shape());
      assertArrayEquals(samples.toArray(), again.toArray());
      assertTrue(!Arrays.equals(samples.toArray(), others.toArray()));
      for (float p : samples.toArray()) {
        assertTrue(p > 0 && p < 1);
      }
    }
  }

  /** Threads share the weights and nothing else. */
  @Test
  void eightThreadsScoreAsOneDoes() throws Exception {
    try (Tensor x = bits(60, 6, 3);
        Vae vae = Vae.create(device, config(Decoder.BERNOULLI, "8", "2"), 1)) {
      double[] expected = vae.logLikelihood(x, 50, 3);
      ExecutorService threads = Executors.newFixedThreadPool(8);
      try {
        List<Future<double[]>> scores = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
          scores.add(threads.submit(() -> vae.logLikelihood(x, 50, 3)));
        }
        for (Future<double[]> score : scores) {
          assertArrayEquals(expected, score.get());
        }
      } finally {
        threads.shutdownNow();
      }
    }
  }

  @Test
  void refusesWhatItCannotDo() {
    assertThrows(IllegalArgumentException.class, () -> config(Decoder.BERNOULLI, "8-", "2"));
    assertThrows(IllegalArgumentException.class, () -> config(Decoder.BERNOULLI, "8", ""));
    assertThrows(IllegalArgumentException.class, () -> config(Decoder.BERNOULLI, "8", "3-2"));
    assertThrows(IllegalArgumentException.class, () -> config(Decoder.BERNOULLI, "0", "3"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new VaeConfig(0, "8", "2", Decoder.BERNOULLI, Nonlinearity.TANH));
    assertThrows(IllegalArgumentException.class, () -> VaeTrainingConfig.elbo(0));
    assertThrows(IllegalArgumentException.class, () -> VaeTrainingConfig.iwae(1, 0));
    try (Vae vae = Vae.create(device, config(Decoder.BERNOULLI, "8", "2"), 1);
        Tensor wide = Tensor.zeros(device, 2, 7);
        Tensor x = Tensor.zeros(device, 2, 6)) {
      assertThrows(IllegalArgumentException.class, () -> vae.encode(wide));
      assertThrows(IllegalArgumentException.class, () -> vae.decode(wide));
      assertThrows(IllegalArgumentException.class, () -> vae.logLikelihood(wide, 1, 1));
      assertThrows(IllegalArgumentException.class, () -> vae.logLikelihood(x, 0, 1));
      assertThrows(IllegalArgumentException.class, () -> vae.sample(0, 1));
    }
  }
}
