// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.generatrix.binding.Device;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Several threads score and sample one machine on one device, and get what one thread gets. */
class RbmConcurrencyTest {
  private static final int THREADS = 4;
  private static final int ROUNDS = 25;

  @Test
  void scoringAndSamplingAreReentrant() throws Exception {
    try (Device device = Device.cpu();
        Rbm rbm = TinyMachine.random(device, 100, 60, true, 0.2, 41);
        Tensor v = rbm.sample(50, 20, 1);
        Tensor mask = rbm.sample(1, 1, 2)) {
      double[] freeEnergy = rbm.freeEnergy(v);
      double[] logPl = rbm.logPseudoLikelihood(v);
      List<float[]> samples = new ArrayList<>();
      List<float[]> filled = new ArrayList<>();
      for (int seed = 0; seed < ROUNDS; seed++) {
        samples.add(sample(rbm, seed));
        filled.add(inpaint(rbm, v, mask, seed));
      }
      Callable<Void> work =
          () -> {
            for (int seed = 0; seed < ROUNDS; seed++) {
              assertArrayEquals(freeEnergy, rbm.freeEnergy(v));
              assertArrayEquals(samples.get(seed), sample(rbm, seed));
              assertArrayEquals(logPl, rbm.logPseudoLikelihood(v));
              assertArrayEquals(filled.get(seed), inpaint(rbm, v, mask, seed));
            }
            return null;
          };
      ExecutorService pool = Executors.newFixedThreadPool(THREADS);
      try {
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
          tasks.add(work);
        }
        for (Future<Void> done : pool.invokeAll(tasks)) {
          done.get();
        }
      } finally {
        pool.shutdownNow();
      }
    }
  }

  private static float[] sample(Rbm rbm, long seed) {
    try (Tensor v = rbm.sample(10, 5, seed)) {
      return v.toArray();
    }
  }

  private static float[] inpaint(Rbm rbm, Tensor v, Tensor mask, long seed) {
    try (Tensor p = rbm.inpaint(v, mask, 3, seed)) {
      return p.toArray();
    }
  }
}
