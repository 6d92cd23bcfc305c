// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.generatrix.binding.Device;
import org.generatrix.data.Binarisation;
import org.generatrix.model.boltzmann.RbmTrainingConfig.Algorithm;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.DivergedException;
import org.generatrix.train.Trainer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What each knob of a run does. */
class RbmTrainerTest {
  private static final int D = 30;
  private static final int ROWS = 64;
  private static final Device DEVICE = Device.cpu(1);
  private static final float[] DATA = TinyMachine.uniform(new Random(95), ROWS * D);

  @AfterAll
  static void close() {
    DEVICE.close();
  }

  private static RbmTrainingConfig.Builder config() {
    return RbmTrainingConfig.builder().batchSize(16).chains(10).epochs(5).learningRate(0.1);
  }

  private static Rbm machine(boolean centered) {
    return Rbm.create(DEVICE, new RbmConfig(D, 8, centered, 0.1), null, 2);
  }

  @Test
  void theLearningRateFallsLinearlyToItsLastValue() {
    RbmTrainingConfig config = config().finalLearningRate(0.02).build();
    try (Tensor data = Tensor.of(DEVICE, DATA, ROWS, D);
        Rbm rbm = machine(true);
        RbmTrainer run = new RbmTrainer(rbm, data, config)) {
      for (int s = 0; s < 20; s++) {
        assertEquals(0.1 - 0.08 * s / 19, run.learningRate(), 1e-12);
        assertEquals(run.learningRate(), run.metrics().get("learning_rate"));
        run.step();
      }
      assertEquals(5, run.epoch());
      assertEquals(0.02, run.learningRate(), 1e-12);
    }
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void stepsAllocateNothingOnTheDevice(Algorithm algorithm) {
    RbmTrainingConfig config =
        config().algorithm(algorithm).steps(2).binarisation(Binarisation.RESAMPLED).build();
    try (Device device = Device.cpu();
        Tensor data = Tensor.of(device, DATA, ROWS, D);
        Rbm rbm = Rbm.create(device, RbmConfig.centered(D, 8), null, 2);
        RbmTrainer run = new RbmTrainer(rbm, data, config)) {
      for (int s = 0; s < 4; s++) {
        run.step();
      }
      long peak = device.memory().peak();
      long workspace = device.memory().workspace();
      for (int s = 0; s < 12; s++) {
        run.step();
      }
      assertEquals(peak, device.memory().peak());
      assertEquals(workspace, device.memory().workspace());
    }
  }

  @Test
  void chainsAreBitsThatMove() {
    try (Tensor data = Tensor.of(DEVICE, DATA, ROWS, D);
        Rbm rbm = machine(true);
        RbmTrainer pcd = new RbmTrainer(rbm, data, config().build());
        RbmTrainer cd = new RbmTrainer(rbm, data, config().algorithm(Algorithm.CD).build())) {
      assertNull(cd.chains());
      assertEquals(DType.BITS, pcd.chains().dtype());
      assertEquals(10, pcd.chains().rows());
      try (Tensor before = pcd.chains().copy()) {
        pcd.step();
        assertFalse(Arrays.equals(before.toArray(), pcd.chains().toArray()));
      }
    }
  }

  @Test
  void temperingReportsItsSwaps() {
    RbmTrainingConfig config =
        config().algorithm(Algorithm.PARALLEL_TEMPERING).replicas(3).steps(4).build();
    try (Tensor data = Tensor.of(DEVICE, DATA, ROWS, D);
        Rbm rbm = machine(true);
        RbmTrainer run = new RbmTrainer(rbm, data, config)) {
      for (int s = 0; s < 4; s++) {
        run.step();
      }
      assertEquals(30, run.chains().rows());
      double rate = run.metrics().get("least_swap_rate");
      assertTrue(rate > 0 && rate <= 1, "swap rate " + rate);
    }
  }

  @Test
  void weightDecayShrinksTheWeights() {
    assertTrue(norm(config().weightDecay(2).build()) < 0.5 * norm(config().build()));
  }

  private static double norm(RbmTrainingConfig config) {
    try (Tensor data = Tensor.of(DEVICE, DATA, ROWS, D);
        Rbm rbm = machine(true);
        RbmTrainer run = new RbmTrainer(rbm, data, config)) {
      new Trainer(run).fit();
      double sum = 0;
      for (float w : rbm.W().toArray()) {
        sum += w * w;
      }
      return sum;
    }
  }

  @Test
  void sparsityPullsHiddenUnitsToTheirTarget() {
    double with = activity(config().sparsity(0.05, 5).epochs(40).build());
    double without = activity(config().epochs(40).build());
    assertTrue(without > 0.3, "without sparsity " + without);
    assertTrue(with < 0.15, "with sparsity " + with);
  }

  private static double activity(RbmTrainingConfig config) {
    try (Tensor data = Tensor.of(DEVICE, DATA, ROWS, D);
        Rbm rbm = machine(false);
        RbmTrainer run = new RbmTrainer(rbm, data, config)) {
      new Trainer(run).fit();
      try (Tensor h = rbm.encode(data)) {
        double sum = 0;
        for (float p : h.toArray()) {
          sum += p;
        }
        return sum / h.size();
      }
    }
  }

  @Test
  void offsetsFollowTheDataWithoutMovingTheDistribution() {
    // At a learning rate of nearly 0 only the offsets move.
    RbmTrainingConfig config = config().learningRate(1e-30).offsetRate(0.5).epochs(20).build();
    try (Tensor data = Tensor.of(DEVICE, DATA, ROWS, D);
        Rbm rbm = machine(true);
        RbmTrainer run = new RbmTrainer(rbm, data, config)) {
      double before = rbm.freeEnergy(data)[3] + rbm.logPartition();
      float[] mu = rbm.mu().toArray();
      new Trainer(run).fit();
      double after = rbm.freeEnergy(data)[3] + rbm.logPartition();
      assertEquals(before, after, 1e-4);
      float[] moved = rbm.mu().toArray();
      double mean = 0;
      for (int r = 0; r < ROWS; r++) {
        mean += DATA[r * D] / ROWS;
      }
      assertEquals(0.5f, mu[0]);
      assertTrue(moved[0] != 0.5f && Math.abs(moved[0] - mean) < 0.1, moved[0] + ", mean " + mean);
    }
  }

  @Test
  void gradientsOfFarSaturatedUnitsAreFinite() {
    try (Tensor data = Tensor.of(DEVICE, DATA, ROWS, D);
        Rbm rbm = machine(true);
        RbmTrainer run = new RbmTrainer(rbm, data, config().build())) {
      float[] b = new float[D];
      float[] c = new float[8];
      Arrays.fill(b, 100);
      Arrays.fill(c, -100);
      c[0] = 1e30f;
      rbm.b().copyFrom(b);
      rbm.c().copyFrom(c);
      for (int s = 0; s < 4; s++) {
        run.step();
      }
      assertNull(run.nonFinite());
      assertTrue(rbm.b().toArray()[0] < 100, "the data must pull a unit that is always on");
    }
  }

  @Test
  void aRunThatDivergesIsStopped() {
    // W is multiplied by 1 - rate decay = -99 in each update.
    RbmTrainingConfig config =
        config().learningRate(1).finalLearningRate(1).weightDecay(100).epochs(100).build();
    try (Tensor data = Tensor.of(DEVICE, DATA, ROWS, D);
        Rbm rbm = machine(false);
        RbmTrainer run = new RbmTrainer(rbm, data, config)) {
      assertNull(run.nonFinite());
      DivergedException e = assertThrows(DivergedException.class, () -> new Trainer(run).fit());
      assertTrue(e.getMessage().contains("W holds a NaN or an infinity"), e.getMessage());
      assertTrue(run.epoch() < 100);
    }
  }

  @Test
  void theGuardSeesEachTensor() {
    try (Tensor data = Tensor.of(DEVICE, DATA, ROWS, D);
        Rbm rbm = machine(false);
        RbmTrainer run = new RbmTrainer(rbm, data, config().build())) {
      float[] c = new float[8];
      c[7] = Float.NaN;
      rbm.c().copyFrom(c);
      assertEquals("c", run.nonFinite());
      float[] b = new float[D];
      b[0] = Float.NEGATIVE_INFINITY;
      rbm.b().copyFrom(b);
      assertEquals("b", run.nonFinite());
      float[] W = new float[D * 8];
      W[77] = Float.POSITIVE_INFINITY;
      rbm.W().copyFrom(W);
      assertEquals("W", run.nonFinite());
      W[85] = Float.NEGATIVE_INFINITY; // the same column: the sum of both is NaN
      rbm.W().copyFrom(W);
      assertEquals("W", run.nonFinite());
    }
  }
}
