// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.generatrix.binding.Device;
import org.generatrix.data.Binarisation;
import org.generatrix.eval.LogLikelihood.Certainty;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.model.boltzmann.TinyMachine;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Likelihoods, the data they are of, and the free-energy gap. */
class LogLikelihoodTest {
  private static final Device DEVICE = Device.cpu(1);
  private static final int[] STATES = {3, 3, 9, 14};

  @AfterAll
  static void close() {
    DEVICE.close();
  }

  @Test
  void theExactOneIsTheMeanOverTheRows() {
    try (Rbm rbm = TinyMachine.random(DEVICE, 4, 3, true, 1, 91);
        Tensor v = TinyMachine.states(DEVICE, TinyMachine.rows(STATES, 4), 4)) {
      double[] p = TinyMachine.of(rbm).distribution();
      double[] each = Arrays.stream(STATES).mapToDouble(s -> Math.log(p[s])).toArray();
      double mean = Arrays.stream(each).average().orElseThrow();
      double squares = Arrays.stream(each).map(x -> (x - mean) * (x - mean)).sum();
      LogLikelihood ll = LogLikelihood.exact(rbm, v, Binarisation.THRESHOLD);
      assertEquals(mean, ll.mean(), 1e-5);
      assertEquals(ll.mean(), ll.low());
      assertEquals(ll.mean(), ll.high());
      assertEquals(Math.sqrt(squares / 3 / 4), ll.standardError(), 1e-5);
      assertEquals(4, ll.rows());
      assertEquals(Certainty.EXACT, ll.certainty());
      assertTrue(ll.toString().endsWith("nats (exact, 4 rows, threshold)"), ll.toString());
    }
  }

  @Test
  void anEstimateCarriesTheIntervalOfLogZTurnedAround() {
    try (Rbm rbm = TinyMachine.random(DEVICE, 4, 3, true, 1, 92);
        Tensor v = TinyMachine.states(DEVICE, TinyMachine.rows(STATES, 4), 4)) {
      double logZ = rbm.logPartition();
      LogPartitionEstimate estimate =
          new LogPartitionEstimate(logZ + 0.5, logZ, logZ + 2, 10, 20, Ais.FORWARD);
      LogLikelihood exact = LogLikelihood.exact(rbm, v, Binarisation.RESAMPLED);
      LogLikelihood ll = LogLikelihood.estimate(rbm, v, estimate, Binarisation.RESAMPLED);
      assertEquals(exact.mean() - 0.5, ll.mean(), 1e-9);
      assertEquals(exact.mean() - 2, ll.low(), 1e-9);
      assertEquals(exact.mean(), ll.high(), 1e-9);
      assertEquals(Certainty.ESTIMATE, ll.certainty());
      assertEquals(Binarisation.RESAMPLED, ll.binarisation());
      assertTrue(ll.toString().contains("(estimate, 4 rows, resampled)"), ll.toString());
    }
  }

  @Test
  void aLowerBoundHasTheIntervalOfAMean() {
    LogLikelihood ll =
        LogLikelihood.lowerBound(new double[] {-80, -90, -100, -110}, Binarisation.RESAMPLED);
    double error = Math.sqrt(500.0 / 3 / 4);
    assertEquals(-95, ll.mean(), 1e-12);
    assertEquals(error, ll.standardError(), 1e-12);
    assertEquals(-95 - 1.96 * error, ll.low(), 1e-12);
    assertEquals(-95 + 1.96 * error, ll.high(), 1e-12);
    assertEquals(Certainty.LOWER_BOUND, ll.certainty());
    assertTrue(ll.toString().contains("(lower bound, 4 rows, resampled)"), ll.toString());
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> LogLikelihood.lowerBound(new double[0], Binarisation.RESAMPLED));
    assertEquals("a mean needs at least 1 row, got none", e.getMessage());
  }

  @Test
  void exactFiguresHaveNoIntervalButAStandardError() {
    LogLikelihood exact =
        LogLikelihood.exact(new double[] {-80, -90, -100, -110}, Binarisation.THRESHOLD);
    assertEquals(-95, exact.mean(), 1e-12);
    assertEquals(exact.mean(), exact.low());
    assertEquals(exact.mean(), exact.high());
    assertEquals(Math.sqrt(500.0 / 3 / 4), exact.standardError(), 1e-12);
    assertEquals(LogLikelihood.Certainty.EXACT, exact.certainty());
    assertThrows(
        IllegalArgumentException.class,
        () -> LogLikelihood.exact(new double[0], Binarisation.RESAMPLED));
  }

  @Test
  void onlyBitsHaveALikelihood() {
    try (Rbm rbm = TinyMachine.random(DEVICE, 4, 3, true, 1, 93);
        Tensor floats = Tensor.zeros(DEVICE, 2, 4);
        Tensor none = Tensor.bits(DEVICE, 0, 4);
        Tensor narrow = Tensor.bits(DEVICE, 2, 3)) {
      for (Tensor bad : new Tensor[] {floats, none, narrow}) {
        assertThrows(
            IllegalArgumentException.class,
            () -> LogLikelihood.exact(rbm, bad, Binarisation.THRESHOLD));
      }
      assertThrows(NullPointerException.class, () -> LogLikelihood.exact(rbm, narrow, null));
    }
  }

  @Test
  void binarisedDataAreCutOrDrawn() {
    float[] values = new float[1000 * 4];
    for (int k = 0; k < values.length; k++) {
      values[k] = new float[] {0, 0.25f, 0.5f, 1}[k % 4];
    }
    try (Tensor intensities = Tensor.of(DEVICE, values, 1000, 4);
        Tensor cut = Binarised.of(intensities, Binarisation.THRESHOLD, 1);
        Tensor drawn = Binarised.of(intensities, Binarisation.RESAMPLED, 1);
        Tensor again = Binarised.of(intensities, Binarisation.RESAMPLED, 1);
        Tensor other = Binarised.of(intensities, Binarisation.RESAMPLED, 2)) {
      assertEquals(DType.BITS, cut.dtype());
      assertEquals(DType.BITS, drawn.dtype());
      assertArrayEquals(new float[] {0, 0, 1, 1}, Arrays.copyOf(cut.toArray(), 4));
      assertArrayEquals(drawn.toArray(), again.toArray());
      assertFalse(Arrays.equals(drawn.toArray(), other.toArray()));
      double[] counts = new double[4];
      float[] draws = drawn.toArray();
      for (int k = 0; k < draws.length; k++) {
        counts[k % 4] += draws[k];
      }
      assertEquals(0, counts[0]);
      assertEquals(250, counts[1], 4.5 * Math.sqrt(1000 * 0.25 * 0.75)); // z = 4.5
      assertEquals(500, counts[2], 4.5 * Math.sqrt(250));
      assertEquals(1000, counts[3]);
      assertThrows(
          IllegalArgumentException.class,
          () -> Binarised.of(intensities, Binarisation.INTENSITIES, 1));
      assertThrows(
          IllegalArgumentException.class, () -> Binarised.of(cut, Binarisation.RESAMPLED, 1));
      assertThrows(NullPointerException.class, () -> Binarised.of(intensities, null, 1));
    }
  }

  @Test
  void theGapIsZeroForTheSameDataAndSeesOthers() {
    try (Rbm rbm = TinyMachine.random(DEVICE, 4, 3, true, 1, 94);
        Tensor seen = TinyMachine.states(DEVICE, TinyMachine.rows(STATES, 4), 4);
        Tensor held = TinyMachine.states(DEVICE, TinyMachine.rows(new int[] {5, 6}, 4), 4);
        Tensor none = Tensor.bits(DEVICE, 0, 4)) {
      assertEquals(0, FreeEnergyGap.of(rbm, seen, seen).gap());
      TinyMachine exact = TinyMachine.of(rbm);
      double training =
          Arrays.stream(STATES).mapToDouble(exact::freeEnergy).average().orElseThrow();
      double validation = (exact.freeEnergy(5) + exact.freeEnergy(6)) / 2;
      FreeEnergyGap gap = FreeEnergyGap.of(rbm, seen, held);
      assertEquals(training, gap.training(), 1e-5);
      assertEquals(validation, gap.validation(), 1e-5);
      assertEquals(validation - training, gap.gap(), 1e-5);
      assertThrows(IllegalArgumentException.class, () -> FreeEnergyGap.of(rbm, none, held));
    }
  }
}
