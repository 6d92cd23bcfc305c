// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.generatrix.binding.Device;
import org.generatrix.binding.Rng;
import org.generatrix.data.Binarisation;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * Each check of an argument of the machine and its trainer refuses with one sentence, and nothing
 * is left on the device.
 */
class RbmArgumentTest {
  private static final Device DEVICE = Device.cpu();

  private final Rbm rbm = Rbm.create(DEVICE, new RbmConfig(4, 3, true, 0.1), null, 1);
  private final Tensor v = Tensor.zeros(DEVICE, 2, 4);
  private final Tensor h = Tensor.zeros(DEVICE, 2, 3);
  private final Tensor flat = Tensor.zeros(DEVICE, 4);

  @AfterEach
  void nothingIsLeft() {
    rbm.close();
    v.close();
    h.close();
    flat.close();
    assertEquals(0, DEVICE.memory().live());
  }

  @AfterAll
  static void close() {
    DEVICE.close();
  }

  @Test
  void configurations() {
    refused("visible must be at least 1, got 0", () -> new RbmConfig(0, 3, true, 0.1));
    refused("hidden must be at least 1, got -1", () -> new RbmConfig(4, -1, true, 0.1));
    for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY, 1e300}) {
      refused(
          "initialStddev must be finite and not negative, got " + bad,
          () -> new RbmConfig(4, 3, true, bad));
    }
  }

  @Test
  void means() {
    RbmConfig config = RbmConfig.centered(4, 3);
    refused(
        "the mean must have 4 entries, got 3", () -> Rbm.create(DEVICE, config, new float[3], 1));
    for (float bad : new float[] {-0.1f, 1.1f, Float.NaN}) {
      refused(
          "a mean must be in [0, 1], got " + bad + " at unit 2",
          () -> Rbm.create(DEVICE, config, new float[] {0, 1, bad, 0}, 1));
    }
    assertThrows(NullPointerException.class, () -> Rbm.create(DEVICE, null, null, 1));
    assertThrows(NullPointerException.class, () -> Rbm.create(null, config, null, 1));
  }

  @Test
  void shapes() {
    String expectedV = "v must be [n, 4], got [2, 3]";
    refused(expectedV, () -> rbm.hiddenProbabilities(h));
    refused(expectedV, () -> rbm.encode(h));
    refused(expectedV, () -> rbm.reconstruct(h));
    refused(expectedV, () -> rbm.sampleHidden(h, new Rng(1, 0)));
    refused(expectedV, () -> rbm.energy(h, h));
    refused(expectedV, () -> rbm.freeEnergy(h));
    refused(expectedV, () -> rbm.logPseudoLikelihood(h));
    refused(expectedV, () -> rbm.samples(h, 1, 1));
    refused(expectedV, () -> rbm.inpaint(h, v, 1));
    refused("v must be [n, 4], got [4]", () -> rbm.freeEnergy(flat));
    String expectedH = "h must be [n, 3], got [2, 4]";
    refused(expectedH, () -> rbm.visibleProbabilities(v));
    refused(expectedH, () -> rbm.sampleVisible(v, new Rng(1, 0)));
    refused(expectedH, () -> rbm.energy(v, v));
    try (Tensor three = Tensor.zeros(DEVICE, 3, 4);
        Tensor threeH = Tensor.zeros(DEVICE, 3, 3)) {
      refused("observed must be [1, 4] or [2, 4], got [3, 4]", () -> rbm.inpaint(v, three, 1));
      refused("observed must be [1, 4] or [2, 4], got [2, 3]", () -> rbm.inpaint(v, h, 1));
      refused("", () -> rbm.energy(v, threeH));
    }
  }

  @Test
  void nullsAndCounts() {
    assertThrows(NullPointerException.class, () -> rbm.freeEnergy(null));
    assertThrows(NullPointerException.class, () -> rbm.visibleProbabilities(null));
    assertThrows(NullPointerException.class, () -> rbm.inpaint(v, null, 1));
    refused("n must be at least 1, got 0", () -> rbm.sample(0, 1));
    refused("n must be at least 1, got -1", () -> rbm.samples(-1, 1, 1));
    refused("steps must be at least 1, got 0", () -> rbm.sample(1, 0, 1));
    refused("steps must be at least 1, got 0", () -> rbm.inpaint(v, v, 0, 1));
  }

  @Test
  void closedTensorsAndMachines() {
    Tensor gone = Tensor.zeros(DEVICE, 2, 4);
    gone.close();
    assertThrows(IllegalStateException.class, () -> rbm.freeEnergy(gone));
    assertThrows(IllegalStateException.class, () -> rbm.hiddenProbabilities(gone));
    assertThrows(IllegalStateException.class, () -> rbm.inpaint(gone, v, 1));
    Rbm closed = Rbm.create(DEVICE, new RbmConfig(4, 3, true, 0.1), null, 1);
    closed.close();
    closed.close();
    assertThrows(IllegalStateException.class, () -> closed.freeEnergy(v));
    assertThrows(IllegalStateException.class, () -> closed.sample(1, 1, 1));
    assertThrows(IllegalStateException.class, closed::logPartition);
  }

  @Test
  void anotherDevice() {
    try (Device other = Device.cpu();
        Tensor there = Tensor.zeros(other, 2, 4)) {
      refused("", () -> rbm.freeEnergy(there));
      refused("", () -> rbm.hiddenProbabilities(there));
      refused(
          "data must be on the machine's device",
          () -> new RbmTrainer(rbm, there, RbmTrainingConfig.builder().build()));
    }
  }

  @Test
  void exactLogPartitionOfALargeMachine() {
    try (Rbm large = Rbm.create(DEVICE, new RbmConfig(26, 27, false, 0.1), null, 1)) {
      assertThrows(RuntimeException.class, large::logPartition);
    }
  }

  @Test
  void trainers() {
    RbmTrainingConfig config = RbmTrainingConfig.builder().build();
    refused("data must be [n, 4], got [2, 3]", () -> new RbmTrainer(rbm, h, config));
    refused("data must be [n, 4], got [4]", () -> new RbmTrainer(rbm, flat, config));
    assertThrows(NullPointerException.class, () -> new RbmTrainer(null, v, config));
    assertThrows(NullPointerException.class, () -> new RbmTrainer(rbm, null, config));
    assertThrows(NullPointerException.class, () -> new RbmTrainer(rbm, v, null));
    for (Binarisation how : Binarisation.values()) {
      try (RbmTrainer run = new RbmTrainer(rbm, v, config.toBuilder().binarisation(how).build())) {
        assertEquals(1, run.batchesPerEpoch());
      }
    }
  }

  private static void refused(String sentence, Executable call) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call);
    assertTrue(e.getMessage().contains(sentence), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }
}
