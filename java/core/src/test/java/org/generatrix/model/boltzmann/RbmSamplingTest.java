// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.generatrix.binding.Device;
import org.generatrix.binding.Rng;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The samplers against exact distributions (oracle 8). Seeds are fixed, so a test passes or fails
 * for good; the bound of z = 4.5 would let one of 10^5 seeds fail (z refers to the chi-square's
 * normal limit).
 */
class RbmSamplingTest {
  private static final double Z = 4.5;
  private static final int SAMPLES = 40_000;

  private static final Device DEVICE = Device.cpu(1);

  @AfterAll
  static void close() {
    DEVICE.close();
  }

  // --- The transition matrix, from the library's own conditionals
  // -----------------------------------

  @ParameterizedTest
  @CsvSource({"1, 1, false", "4, 3, false", "4, 3, true", "3, 5, true", "5, 5, false"})
  void theModelIsInvariantUnderGibbsAndInDetailedBalance(int D, int H, boolean centered) {
    try (Rbm rbm = TinyMachine.random(DEVICE, D, H, centered, 1, 31)) {
      double[] pi = TinyMachine.of(rbm).distribution();
      double[][] T = transition(rbm);
      for (int to = 0; to < pi.length; to++) {
        double flow = 0;
        for (int from = 0; from < pi.length; from++) {
          flow += pi[from] * T[from][to];
          assertEquals(pi[from] * T[from][to], pi[to] * T[to][from], 1e-6);
        }
        assertEquals(pi[to], flow, 1e-6);
      }
    }
  }

  // T[v][v'] = sum_h p(h | v) p(v' | h)
  private static double[][] transition(Rbm rbm) {
    int D = rbm.config().visible();
    int H = rbm.config().hidden();
    try (Tensor v = TinyMachine.allStates(DEVICE, D);
        Tensor h = TinyMachine.allStates(DEVICE, H);
        Tensor pH = rbm.hiddenProbabilities(v);
        Tensor pV = rbm.visibleProbabilities(h)) {
      double[][] up = product(pH.toArray(), H);
      double[][] down = product(pV.toArray(), D);
      double[][] T = new double[1 << D][1 << D];
      for (int from = 0; from < T.length; from++) {
        for (int hidden = 0; hidden < 1 << H; hidden++) {
          for (int to = 0; to < T.length; to++) {
            T[from][to] += up[from][hidden] * down[hidden][to];
          }
        }
      }
      return T;
    }
  }

  // The probability of each state of independent units, a row per row of p.
  private static double[][] product(float[] p, int units) {
    double[][] states = new double[p.length / units][1 << units];
    for (int r = 0; r < states.length; r++) {
      for (int s = 0; s < 1 << units; s++) {
        states[r][s] = 1;
        for (int i = 0; i < units; i++) {
          double on = p[r * units + i];
          states[r][s] *= TinyMachine.bit(s, i) == 1 ? on : 1 - on;
        }
      }
    }
    return states;
  }

  // --- Draws
  // ----------------------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({"4, 3, false", "4, 3, true", "3, 5, true"})
  void layersFollowTheirConditionals(int D, int H, boolean centered) {
    try (Rbm rbm = TinyMachine.random(DEVICE, D, H, centered, 1.5, 32)) {
      TinyMachine exact = TinyMachine.of(rbm);
      int[] same = new int[SAMPLES];
      Arrays.fill(same, 5);
      try (Tensor v = TinyMachine.states(DEVICE, TinyMachine.rows(same, D), D);
          Tensor h = rbm.sampleHidden(v, new Rng(7, 3))) {
        float[] p = new float[H];
        for (int j = 0; j < H; j++) {
          p[j] = (float) exact.hiddenProbability(5, j);
        }
        TinyMachine.requireDistribution(TinyMachine.numbers(h), product(p, H)[0], Z);
      }
      try (Tensor h = TinyMachine.states(DEVICE, TinyMachine.rows(same, H), H);
          Tensor v = rbm.sampleVisible(h, new Rng(7, 4))) {
        float[] p = new float[D];
        for (int i = 0; i < D; i++) {
          p[i] = (float) exact.visibleProbability(5, i);
        }
        TinyMachine.requireDistribution(TinyMachine.numbers(v), product(p, D)[0], Z);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"4, 3, false", "4, 3, true", "3, 5, true", "8, 2, true"})
  void chainsFromNoiseReachTheModel(int D, int H, boolean centered) {
    try (Rbm rbm = TinyMachine.random(DEVICE, D, H, centered, 1, 33);
        Tensor v = rbm.sample(SAMPLES, 60, 5)) {
      assertEquals(DType.BITS, v.dtype());
      TinyMachine.requireDistribution(
          TinyMachine.numbers(v), TinyMachine.of(rbm).distribution(), Z);
    }
  }

  @Test
  void theTestOfDistributionsSeesAWrongOne() {
    // The same chains against another machine's distribution: what the bound must refuse.
    try (Rbm rbm = TinyMachine.random(DEVICE, 4, 3, false, 1, 33);
        Rbm other = TinyMachine.random(DEVICE, 4, 3, false, 1, 33);
        Tensor v = rbm.sample(SAMPLES, 60, 5)) {
      float[] b = other.b().toArray();
      b[0] += 0.1f;
      other.b().copyFrom(b);
      double[] wrong = TinyMachine.of(other).distribution();
      boolean refused = false;
      try {
        TinyMachine.requireDistribution(TinyMachine.numbers(v), wrong, Z);
      } catch (AssertionError e) {
        refused = true;
      }
      assertTrue(refused);
    }
  }

  @Test
  void oneStepFromTheModelStaysThere() {
    try (Rbm rbm = TinyMachine.random(DEVICE, 4, 3, true, 1.5, 34)) {
      double[] pi = TinyMachine.of(rbm).distribution();
      int[] drawn = new int[SAMPLES];
      Random random = new Random(9);
      for (int r = 0; r < drawn.length; r++) {
        double u = random.nextDouble();
        while (drawn[r] < pi.length - 1 && u >= pi[drawn[r]]) {
          u -= pi[drawn[r]++];
        }
      }
      try (Tensor start = TinyMachine.states(DEVICE, TinyMachine.rows(drawn, 4), 4);
          Rbm.Samples next = rbm.samples(start, 1, 8)) {
        TinyMachine.requireDistribution(TinyMachine.numbers(next.states()), pi, Z);
        assertFalse(Arrays.equals(drawn, TinyMachine.numbers(next.states())));
        assertArrayEquals(drawn, TinyMachine.numbers(start), "the start must not change");
      }
    }
  }

  @Test
  void probabilitiesOfSamplesAverageToTheirMarginals() {
    try (Rbm rbm = TinyMachine.random(DEVICE, 5, 4, true, 1, 35);
        Rbm.Samples samples = rbm.samples(SAMPLES, 60, 6)) {
      double[] pi = TinyMachine.of(rbm).distribution();
      float[] p = samples.probabilities().toArray();
      for (int i = 0; i < 5; i++) {
        double exact = 0;
        for (int v = 0; v < pi.length; v++) {
          exact += TinyMachine.bit(v, i) * pi[v];
        }
        double mean = 0;
        for (int r = 0; r < SAMPLES; r++) {
          mean += p[r * 5 + i] / SAMPLES;
        }
        // a probability's standard deviation is at most that of the bit, 1/2
        assertEquals(exact, mean, Z * 0.5 / Math.sqrt(SAMPLES));
      }
    }
  }

  // --- Conditional sampling
  // -------------------------------------------------------------------------

  @Test
  void inpaintingFollowsTheConditionalDistribution() {
    int D = 5;
    int observedUnits = 0b01001;
    int observedValues = 0b01000;
    try (Rbm rbm = TinyMachine.random(DEVICE, D, 4, true, 1, 36)) {
      double[] pi = TinyMachine.of(rbm).distribution();
      double[] exact = new double[D]; // E[v_i | observed]
      double total = 0;
      for (int v = 0; v < pi.length; v++) {
        if ((v & observedUnits) == observedValues) {
          total += pi[v];
          for (int i = 0; i < D; i++) {
            exact[i] += TinyMachine.bit(v, i) * pi[v];
          }
        }
      }
      int[] given = new int[SAMPLES];
      Arrays.fill(given, observedValues);
      try (Tensor v = TinyMachine.states(DEVICE, TinyMachine.rows(given, D), D);
          Tensor observed =
              TinyMachine.states(DEVICE, TinyMachine.rows(new int[] {observedUnits}, D), D);
          Tensor filled = rbm.inpaint(v, observed, 60, 3)) {
        float[] p = filled.toArray();
        for (int i = 0; i < D; i++) {
          double mean = 0;
          for (int r = 0; r < SAMPLES; r++) {
            mean += p[r * D + i] / SAMPLES;
          }
          double bound = TinyMachine.bit(observedUnits, i) == 1 ? 0 : 0.5 * Z / Math.sqrt(SAMPLES);
          assertEquals(exact[i] / total, mean, bound + 1e-6);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void inpaintingKeepsWhatIsObservedAndIgnoresTheRest(boolean floats) {
    int D = 70;
    try (Rbm rbm = TinyMachine.random(DEVICE, D, 20, true, 0.3, 37)) {
      Random random = new Random(4);
      float[] first = binary(random, 6 * D);
      float[] mask = binary(random, 6 * D);
      float[] second = first.clone();
      for (int k = 0; k < mask.length; k++) {
        second[k] = mask[k] == 1 ? first[k] : 1 - first[k];
      }
      try (Tensor maskBits = TinyMachine.states(DEVICE, mask, D);
          Tensor a = states(first, D, floats);
          Tensor b = states(second, D, floats);
          Tensor ofA = rbm.inpaint(a, maskBits, 5, 3);
          Tensor ofB = rbm.inpaint(b, maskBits, 5, 3)) {
        assertArrayEquals(ofA.toArray(), ofB.toArray());
        float[] filled = ofA.toArray();
        int between = 0;
        for (int k = 0; k < mask.length; k++) {
          if (mask[k] == 1) {
            assertEquals(first[k], filled[k]);
          } else if (filled[k] > 0 && filled[k] < 1) {
            between++;
          }
        }
        assertTrue(between > D, "what is not observed must be probabilities");
        assertArrayEquals(first, a.toArray(), "the given states must not change");
      }
    }
  }

  @Test
  void whatIsMissingMayBeNaN() {
    int D = 70;
    try (Rbm rbm = TinyMachine.random(DEVICE, D, 20, true, 0.3, 37)) {
      Random random = new Random(6);
      float[] zeros = binary(random, 3 * D);
      float[] mask = binary(random, 3 * D);
      float[] missing = zeros.clone();
      for (int k = 0; k < mask.length; k++) {
        zeros[k] *= mask[k];
        missing[k] = mask[k] == 1 ? missing[k] : Float.NaN;
      }
      try (Tensor maskBits = TinyMachine.states(DEVICE, mask, D);
          Tensor a = states(zeros, D, true);
          Tensor b = states(missing, D, true);
          Tensor ofA = rbm.inpaint(a, maskBits, 5, 3);
          Tensor ofB = rbm.inpaint(b, maskBits, 5, 3)) {
        assertArrayEquals(ofA.toArray(), ofB.toArray());
      }
    }
  }

  private static Tensor states(float[] rows, int units, boolean floats) {
    return floats
        ? Tensor.of(DEVICE, rows, rows.length / units, units)
        : TinyMachine.states(DEVICE, rows, units);
  }

  private static float[] binary(Random random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = random.nextInt(2);
    }
    return values;
  }

  // --- Reproducibility (oracle 73)
  // ------------------------------------------------------------------

  @Test
  void theSameSeedGivesTheSameBitsOnAnyNumberOfThreads() {
    float[] first = null;
    for (int threads : new int[] {1, 2, 3}) {
      try (Device device = Device.cpu(threads);
          Rbm rbm = TinyMachine.random(device, 100, 37, true, 0.2, 38);
          Tensor v = rbm.sample(33, 10, 5);
          Tensor again = rbm.sample(33, 10, 5);
          Tensor other = rbm.sample(33, 10, 6)) {
        assertArrayEquals(v.toArray(), again.toArray());
        assertFalse(Arrays.equals(v.toArray(), other.toArray()));
        first = first == null ? v.toArray() : first;
        assertArrayEquals(first, v.toArray());
      }
    }
  }

  @Test
  void aRowsDrawsDoNotDependOnTheRowsBesideIt() {
    try (Rbm rbm = TinyMachine.random(DEVICE, 40, 30, true, 0.3, 39);
        Tensor few = rbm.sample(3, 10, 5);
        Tensor many = rbm.sample(50, 10, 5)) {
      assertArrayEquals(few.toArray(), Arrays.copyOf(many.toArray(), 3 * 40));
    }
  }
}
