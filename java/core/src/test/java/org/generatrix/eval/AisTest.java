// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.generatrix.binding.Device;
import org.generatrix.binding.Gibbs;
import org.generatrix.binding.Rng;
import org.generatrix.model.LogOdds;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.model.boltzmann.TinyMachine;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Annealed importance sampling against exact log Z: oracles 9 and 10. */
class AisTest {
  private static final Device DEVICE = Device.cpu(1);

  @AfterAll
  static void close() {
    DEVICE.close();
  }

  // --- Two temperatures, every path (oracle 9)
  // --------------------------------------------------------

  @ParameterizedTest
  @CsvSource({"1, 1, false", "4, 3, false", "4, 4, true", "3, 2, true"})
  void weightsOverAllPathsAverageToTheRatio(int D, int H, boolean centered) {
    try (Rbm rbm = TinyMachine.random(DEVICE, D, H, centered, 1.5, 81)) {
      TinyMachine exact = TinyMachine.of(rbm);
      float[] a = new float[D];
      for (int i = 0; i < D; i++) {
        a[i] = 0.7f * i - 1;
      }
      double[] base = independent(a);
      double logBase = Ais.logBase(a, H);
      double[] model = exact.distribution();
      double[] forward = weights(rbm, a, new double[] {0, 1});
      double[] reverse = weights(rbm, a, new double[] {1, 0});
      double up = 0;
      double down = 0;
      for (int v = 0; v < base.length; v++) {
        up += base[v] * Math.exp(forward[v]);
        down += model[v] * Math.exp(reverse[v]);
        assertEquals(-forward[v], reverse[v], 1e-6);
      }
      assertEquals(exact.logPartition() - logBase, Math.log(up), 1e-5);
      assertEquals(logBase - exact.logPartition(), Math.log(down), 1e-5);
    }
  }

  // The log-weight of each visible state as the start of a chain.
  private static double[] weights(Rbm rbm, float[] a, double[] betas) {
    int D = rbm.config().visible();
    double[] logWeights = new double[1 << D];
    try (Tensor base = Tensor.of(DEVICE, a, D);
        Tensor v = TinyMachine.allStates(DEVICE, D)) {
      Gibbs.ais(
          DEVICE,
          rbm.parameters(),
          betas,
          base.buffer(),
          false,
          new Rng(1, 0),
          v.states(),
          logWeights);
    }
    return logWeights;
  }

  private static double[] independent(float[] a) {
    double[] p = new double[1 << a.length];
    for (int v = 0; v < p.length; v++) {
      p[v] = 1;
      for (int i = 0; i < a.length; i++) {
        double on = 1 / (1 + Math.exp(-a[i]));
        p[v] *= (v >> i & 1) == 1 ? on : 1 - on;
      }
    }
    return p;
  }

  // --- Many temperatures
  // ------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {2, 5, 30})
  void weightsOfRandomPathsAverageToTheRatio(int temperatures) {
    // Any schedule is unbiased: the mean of 20,000 weights lies within z = 4.5 of its standard
    // errors.
    try (Rbm rbm = TinyMachine.random(DEVICE, 5, 4, true, 0.8, 82)) {
      AisConfig config = AisConfig.uniform(temperatures).withChains(20_000).withSeed(4);
      LogPartitionEstimate estimate = Ais.forward(rbm, config);
      double error = (estimate.high() - estimate.low()) / (2 * 1.96);
      assertEquals(TinyMachine.of(rbm).logPartition(), estimate.logZ(), 4.5 * error);
      assertTrue(error < 0.05, "an interval that wide would prove nothing: " + estimate);
      assertTrue(estimate.low() < estimate.logZ() && estimate.logZ() < estimate.high());
      assertEquals(20_000, estimate.chains());
      assertEquals(temperatures, estimate.temperatures());
      assertEquals("forward", estimate.direction());
    }
  }

  @Test
  void bothDirectionsApproachTheExactValueAsTemperaturesGrow() {
    float[] mean = new float[12];
    Arrays.fill(mean, 0.4f);
    try (Rbm rbm = TinyMachine.random(DEVICE, 12, 10, true, 1.2, 83);
        Tensor start = rbm.sample(200, 2000, 5)) {
      double exact = rbm.logPartition();
      double coarse = 0;
      for (int temperatures : new int[] {10, 3_000}) {
        AisConfig config = AisConfig.uniform(temperatures).withChains(200).withBurnIn(200);
        LogPartitionEstimate forward = Ais.forward(rbm, config, mean);
        LogPartitionEstimate reverse = Ais.reverse(rbm, start, config, mean);
        double error = Math.max(Math.abs(forward.logZ() - exact), Math.abs(reverse.logZ() - exact));
        if (temperatures == 10) {
          coarse = error;
        } else {
          assertTrue(error < coarse, error + " after " + coarse);
          assertEquals(exact, forward.logZ(), 0.1);
          assertEquals(exact, reverse.logZ(), 0.1);
        }
        assertEquals("reverse", reverse.direction());
        assertTrue(reverse.low() < reverse.logZ() && reverse.logZ() < reverse.high());
      }
    }
  }

  @Test
  void theDirectionsErrToOppositeSides() {
    // Few temperatures on a machine with strong weights: on average over runs log of the mean
    // weight is low forward, high in reverse.
    try (Rbm rbm = TinyMachine.random(DEVICE, 10, 10, true, 2, 84);
        Tensor start = rbm.sample(20, 3000, 5)) {
      double exact = rbm.logPartition();
      double forward = 0;
      double reverse = 0;
      int runs = 40;
      for (int seed = 0; seed < runs; seed++) {
        AisConfig config = AisConfig.uniform(10).withChains(5).withBurnIn(50).withSeed(seed);
        forward += (Ais.forward(rbm, config).logZ() - exact) / runs;
        reverse += (Ais.reverse(rbm, start, config).logZ() - exact) / runs;
      }
      assertTrue(forward < -0.1, "forward is off by " + forward);
      assertTrue(reverse > 0.1, "reverse is off by " + reverse);
    }
  }

  // --- The base itself (oracle 10)
  // --------------------------------------------------------------------

  @Test
  void aMachineThatIsTheBaseHasWeightOne() {
    try (Rbm rbm = TinyMachine.random(DEVICE, 6, 3, false, 1, 85)) {
      float[] mean = {0.1f, 0.2f, 0.5f, 0.7f, 0.9f, 0.5f};
      rbm.W().copyFrom(new float[18]);
      rbm.c().copyFrom(new float[3]);
      rbm.b().copyFrom(LogOdds.of(mean, 6));
      for (int temperatures : new int[] {2, 50}) {
        AisConfig config = AisConfig.uniform(temperatures).withChains(10);
        LogPartitionEstimate estimate = Ais.forward(rbm, config, mean);
        assertEquals(rbm.logPartition(), estimate.logZ(), 1e-6);
        assertEquals(0, estimate.high() - estimate.low(), 1e-6);
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameEstimate() {
    try (Rbm rbm = TinyMachine.random(DEVICE, 40, 30, true, 0.3, 86)) {
      AisConfig config = AisConfig.uniform(50);
      assertEquals(Ais.forward(rbm, config), Ais.forward(rbm, config));
      assertTrue(Ais.forward(rbm, config).logZ() != Ais.forward(rbm, config.withSeed(2)).logZ());
    }
  }

  // --- The interval
  // -----------------------------------------------------------------------------------

  @Test
  void theIntervalIsThatOfTheMeanInLogSpace() {
    double[] w = {1, 2, 3, 6};
    double mean = 3;
    double error = Math.sqrt((4 + 1 + 0 + 9) / 3.0 / 4);
    for (double shift : new double[] {0, 900, -900}) {
      double[] x = Arrays.stream(w).map(value -> Math.log(value) + shift).toArray();
      Ais.Interval interval = Ais.logMean(x);
      assertEquals(Math.log(mean) + shift, interval.mid(), 1e-12);
      assertEquals(Math.log(mean - 1.959964 * error) + shift, interval.low(), 1e-9);
      assertEquals(Math.log(mean + 1.959964 * error) + shift, interval.high(), 1e-9);
    }
    Ais.Interval wide = Ais.logMean(new double[] {0, 50});
    assertEquals(Double.NEGATIVE_INFINITY, wide.low());
    assertEquals(50 - Math.log(2), wide.mid(), 1e-12);
  }

  // --- Configurations and arguments
  // -------------------------------------------------------------------

  @Test
  void schedulesAreAsDescribed() {
    double[] betas = AisConfig.standard14500().betas();
    assertEquals(14_500, betas.length);
    assertEquals(500, Arrays.stream(betas).filter(beta -> beta < 0.5).count());
    assertEquals(4_000, Arrays.stream(betas).filter(beta -> beta >= 0.5 && beta < 0.9).count());
    assertEquals(10_000, Arrays.stream(betas).filter(beta -> beta >= 0.9).count());
    assertEquals(0, betas[0]);
    assertEquals(1, betas[14_499]);
    assertEquals(100, AisConfig.standard14500().chains());
    assertArrayEquals(new double[] {0, 0.25, 0.5, 0.75, 1}, AisConfig.uniform(5).betas());
    assertEquals(AisConfig.uniform(5), AisConfig.uniform(5));
    assertEquals(AisConfig.uniform(5).hashCode(), AisConfig.uniform(5).hashCode());
  }

  @Test
  void configurationsAreCheckedAndKeepTheirBetas() {
    double[] betas = {0, 0.5, 1};
    AisConfig config = new AisConfig(10, betas, 0, 1);
    betas[1] = 7;
    config.betas()[1] = 8;
    assertEquals(0.5, config.betas()[1]);
    refused("chains must be at least 2, got 1", () -> config.withChains(1));
    refused("burnIn must not be negative, got -1", () -> config.withBurnIn(-1));
    refused("n must be at least 2, got 1", () -> AisConfig.uniform(1));
    refused("betas must be at least 2 values", () -> new AisConfig(2, new double[] {1}, 0, 1));
    refused("got 2 from 0.1 to 1.0", () -> new AisConfig(2, new double[] {0.1, 1}, 0, 1));
    refused("got 2 from 0.0 to 0.9", () -> new AisConfig(2, new double[] {0, 0.9}, 0, 1));
    refused(
        "betas must never decrease, got 0.4 after 0.5 at index 2",
        () -> new AisConfig(2, new double[] {0, 0.5, 0.4, 1}, 0, 1));
    refused(
        "betas must never decrease, got NaN after 0.0 at index 1",
        () -> new AisConfig(2, new double[] {0, Double.NaN, 1}, 0, 1));
    assertThrows(NullPointerException.class, () -> new AisConfig(2, null, 0, 1));
  }

  @Test
  void argumentsAreChecked() {
    AisConfig config = AisConfig.uniform(3).withChains(5);
    try (Rbm rbm = TinyMachine.random(DEVICE, 4, 3, true, 1, 87);
        Tensor few = Tensor.zeros(DEVICE, 4, 4);
        Tensor narrow = Tensor.zeros(DEVICE, 5, 3)) {
      long live = DEVICE.memory().live();
      refused("the mean must have 4 entries, got 3", () -> Ais.forward(rbm, config, new float[3]));
      refused("start must be at least [5, 4]", () -> Ais.reverse(rbm, few, config));
      refused("start must be at least [5, 4]", () -> Ais.reverse(rbm, narrow, config));
      assertThrows(NullPointerException.class, () -> Ais.reverse(rbm, null, config));
      assertThrows(NullPointerException.class, () -> Ais.forward(rbm, null));
      assertEquals(live, DEVICE.memory().live());
    }
  }

  private static void refused(String sentence, Executable call) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call);
    assertTrue(e.getMessage().contains(sentence), e.getMessage());
  }
}
