// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.generatrix.binding.Device;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The machine's numbers against enumeration: oracles 1, 5, 11, 26, 27, 28 and the conditionals. */
class RbmExactTest {
  // Parameters are float32 with sums of at most 9 terms of size about 3: 1e-5 is 100 roundings.
  private static final double FLOAT = 1e-5;

  private static final Device DEVICE = Device.cpu(1);

  @AfterAll
  static void close() {
    DEVICE.close();
  }

  static Stream<Arguments> machines() {
    return Stream.of(
        Arguments.of(1, 1, false, 1.0),
        Arguments.of(1, 1, true, 1.0),
        Arguments.of(1, 7, true, 1.0),
        Arguments.of(7, 1, false, 1.0),
        Arguments.of(4, 3, false, 1.0),
        Arguments.of(4, 3, true, 1.0),
        Arguments.of(5, 6, true, 2.0),
        Arguments.of(9, 5, false, 2.0),
        Arguments.of(6, 9, true, 0.1));
  }

  @ParameterizedTest
  @MethodSource("machines")
  void logPartitionIsTheSumOverAllStates(int D, int H, boolean centered, double scale) {
    try (Rbm rbm = TinyMachine.random(DEVICE, D, H, centered, scale, 11)) {
      assertEquals(TinyMachine.of(rbm).logPartition(), rbm.logPartition(), FLOAT);
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void logPartitionIsTheSameThroughEitherLayer(int D, int H, boolean centered, double scale) {
    // The transposed machine is enumerated over the other layer.
    try (Rbm rbm = TinyMachine.random(DEVICE, D, H, centered, scale, 12);
        Rbm swapped = TinyMachine.random(DEVICE, H, D, centered, scale, 13)) {
      float[] W = rbm.W().toArray();
      float[] transposed = new float[W.length];
      for (int k = 0; k < W.length; k++) {
        transposed[k % H * D + k / H] = W[k];
      }
      swapped.W().copyFrom(transposed);
      swapped.b().copyFrom(rbm.c());
      swapped.c().copyFrom(rbm.b());
      if (centered) {
        swapped.mu().copyFrom(rbm.lambda());
        swapped.lambda().copyFrom(rbm.mu());
      }
      assertEquals(rbm.logPartition(), swapped.logPartition(), FLOAT);
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void freeEnergySumsTheHiddenUnitsOut(int D, int H, boolean centered, double scale) {
    try (Rbm rbm = TinyMachine.random(DEVICE, D, H, centered, scale, 14);
        Tensor bits = TinyMachine.allStates(DEVICE, D);
        Tensor floats = bits.toFloats()) {
      TinyMachine exact = TinyMachine.of(rbm);
      double[] ofBits = rbm.freeEnergy(bits);
      double[] ofFloats = rbm.freeEnergy(floats);
      double total = 0;
      for (int v = 0; v < exact.visibleStates(); v++) {
        assertEquals(exact.freeEnergy(v), ofBits[v], FLOAT);
        assertEquals(exact.freeEnergy(v), ofFloats[v], FLOAT);
        total += Math.exp(-ofBits[v] - rbm.logPartition());
      }
      assertEquals(1, total, FLOAT);
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void energyIsTheDefinition(int D, int H, boolean centered, double scale) {
    try (Rbm rbm = TinyMachine.random(DEVICE, D, H, centered, scale, 15)) {
      TinyMachine exact = TinyMachine.of(rbm);
      int n = exact.visibleStates() * exact.hiddenStates();
      int[] v = new int[n];
      int[] h = new int[n];
      for (int s = 0; s < n; s++) {
        v[s] = s % exact.visibleStates();
        h[s] = s / exact.visibleStates();
      }
      try (Tensor V = TinyMachine.states(DEVICE, TinyMachine.rows(v, D), D);
          Tensor hBits = TinyMachine.states(DEVICE, TinyMachine.rows(h, H), H);
          Tensor hFloats = hBits.toFloats()) {
        double[] ofBits = rbm.energy(V, hBits);
        double[] mixed = rbm.energy(V, hFloats);
        for (int s = 0; s < n; s++) {
          assertEquals(exact.energy(v[s], h[s]), ofBits[s], FLOAT);
          assertEquals(exact.energy(v[s], h[s]), mixed[s], FLOAT);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void conditionalsAreThoseOfTheJoint(int D, int H, boolean centered, double scale) {
    try (Rbm rbm = TinyMachine.random(DEVICE, D, H, centered, scale, 16);
        Tensor v = TinyMachine.allStates(DEVICE, D);
        Tensor h = TinyMachine.allStates(DEVICE, H);
        Tensor pH = rbm.hiddenProbabilities(v);
        Tensor code = rbm.encode(v);
        Tensor pV = rbm.visibleProbabilities(h)) {
      TinyMachine exact = TinyMachine.of(rbm);
      float[] hidden = pH.toArray();
      float[] visible = pV.toArray();
      for (int k = 0; k < hidden.length; k++) {
        assertEquals(exact.hiddenProbability(k / H, k % H), hidden[k], FLOAT);
        assertEquals(hidden[k], code.toArray()[k]);
      }
      for (int k = 0; k < visible.length; k++) {
        assertEquals(exact.visibleProbability(k / D, k % D), visible[k], FLOAT);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("machines")
  void pseudoLikelihoodIsTheProductOfConditionals(int D, int H, boolean centered, double scale) {
    try (Rbm rbm = TinyMachine.random(DEVICE, D, H, centered, scale, 17);
        Tensor v = TinyMachine.allStates(DEVICE, D)) {
      double[] p = TinyMachine.of(rbm).distribution();
      double[] logPl = rbm.logPseudoLikelihood(v);
      for (int s = 0; s < p.length; s++) {
        double exact = 0;
        for (int i = 0; i < D; i++) {
          exact += Math.log(p[s] / (p[s] + p[s ^ 1 << i]));
        }
        assertEquals(exact, logPl[s], FLOAT * D);
      }
    }
  }

  @Test
  void withoutWeightsUnitsAreIndependent() {
    try (Rbm rbm = TinyMachine.random(DEVICE, 30, 20, false, 1, 18)) {
      rbm.W().copyFrom(new float[600]);
      double expected = 0;
      for (float bias : rbm.b().toArray()) {
        expected += Math.log1p(Math.exp(bias));
      }
      for (float bias : rbm.c().toArray()) {
        expected += Math.log1p(Math.exp(bias));
      }
      assertEquals(expected, rbm.logPartition(), 1e-9 * expected);
    }
  }

  @Test
  void farSaturatedUnitsStayFinite() {
    try (Rbm rbm = TinyMachine.random(DEVICE, 3, 2, false, 0, 19);
        Tensor v = TinyMachine.allStates(DEVICE, 3)) {
      rbm.b().copyFrom(new float[] {100, -100, 100});
      rbm.c().copyFrom(new float[] {100, -100});
      // b and c alone: log Z = 100 + 100 + 100 to within e^-100
      assertEquals(300, rbm.logPartition(), 1e-9);
      double[] logPl = rbm.logPseudoLikelihood(v);
      double[] freeEnergy = rbm.freeEnergy(v);
      for (int s = 0; s < 8; s++) {
        double b = 100 * (TinyMachine.bit(s, 0) - TinyMachine.bit(s, 1) + TinyMachine.bit(s, 2));
        assertEquals(-b - 100, freeEnergy[s], 1e-9);
        assertEquals(b - 200, logPl[s], 1e-9);
      }
      try (Tensor pH = rbm.hiddenProbabilities(v)) {
        assertEquals(1f, pH.toArray()[0]);
        assertTrue(pH.toArray()[1] < 1e-40);
      }
    }
  }

  @Test
  void aCommonShiftOfAllEnergiesShiftsLogPartitionAlone() {
    try (Rbm rbm = TinyMachine.random(DEVICE, 4, 3, false, 1, 20);
        Tensor v = TinyMachine.allStates(DEVICE, 4)) {
      float[] W = rbm.W().toArray();
      for (int i = 0; i < 4; i++) {
        W[i * 3] = 0; // hidden unit 0 adds softplus(c_0) to everything
      }
      rbm.W().copyFrom(W);
      double[] before = rbm.freeEnergy(v);
      double logZ = rbm.logPartition();
      float[] c = rbm.c().toArray();
      double low = softplus(c[0]);
      c[0] += 500;
      rbm.c().copyFrom(c);
      double shift = softplus(c[0]) - low;
      assertEquals(logZ + shift, rbm.logPartition(), FLOAT);
      double[] after = rbm.freeEnergy(v);
      for (int s = 0; s < 16; s++) {
        assertEquals(before[s] - shift, after[s], FLOAT);
      }
    }
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  @ParameterizedTest
  @MethodSource("machines")
  void centeredParametersAreStandardOnes(int D, int H, boolean ignored, double scale) {
    try (Rbm centered = TinyMachine.random(DEVICE, D, H, true, scale, 21);
        Rbm standard = TinyMachine.random(DEVICE, D, H, false, scale, 22);
        Tensor v = TinyMachine.allStates(DEVICE, D)) {
      TinyMachine exact = TinyMachine.of(centered);
      standard.W().copyFrom(centered.W());
      standard.b().copyFrom(floats(exact.b));
      standard.c().copyFrom(floats(exact.c));
      double logZ = centered.logPartition();
      double standardLogZ = standard.logPartition();
      double[] f = centered.freeEnergy(v);
      double[] standardF = standard.freeEnergy(v);
      for (int s = 0; s < f.length; s++) {
        assertEquals(-standardF[s] - standardLogZ, -f[s] - logZ, FLOAT);
      }
    }
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
