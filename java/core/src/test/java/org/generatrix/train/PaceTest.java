// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PaceTest {
  /** A run that counts its updates. */
  private static final class Counted implements Trainable {
    private final long batches;
    private int steps;

    Counted(long batches) {
      this.batches = batches;
    }

    @Override
    public void step() {
      steps++;
    }

    @Override
    public int epoch() {
      return (int) (steps / batches);
    }

    @Override
    public int epochs() {
      return Integer.MAX_VALUE;
    }

    @Override
    public long batch() {
      return steps % batches;
    }

    @Override
    public long batchesPerEpoch() {
      return batches;
    }

    @Override
    public long examplesPerEpoch() {
      return batches;
    }

    @Override
    public Map<String, Double> metrics() {
      return Map.of();
    }

    @Override
    public String nonFinite() {
      return null;
    }

    @Override
    public void save(Path checkpoint) {}
  }

  @Test
  void anEpochThatIsTooLongIsOneEpoch() {
    Counted slow = new Counted(1L << 50);
    assertEquals(1, Pace.epochs(slow, 0.01));
    assertTrue(slow.steps >= 2, "it was tried");
  }

  @Test
  void thereIsAMostToo() {
    int epochs = Pace.epochs(new Counted(1), 1);
    assertTrue(epochs > 1 && epochs <= 1_000_000, "" + epochs);
  }

  @Test
  void aRunPastItsTimeEndsWithItsFirstEpoch() {
    Counted run = new Counted(50);
    Trainer trainer = new Trainer(run);
    trainer.listen(Pace.limit(trainer, 1e-12)).fit();
    assertTrue(run.steps == 50 || run.steps == 51, "" + run.steps);
  }

  @Test
  void noTimeIsRefused() {
    for (double seconds : new double[] {0, -1, Double.NaN}) {
      assertThrows(
          IllegalArgumentException.class, () -> Pace.epochs(new Counted(1), seconds), "" + seconds);
    }
  }
}
