// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.train;

/** How many epochs a run can make in a given time, by a trial. */
public final class Pace {
  private static final int WARM_UP = 20; // updates
  private static final double TRIAL = 0.02; // share of the time

  private Pace() {}

  /**
   * Updates a model that is thrown away for about a fiftieth of the time.
   *
   * @param trial a run with as many epochs as it may take
   * @param seconds for trial and run
   * @return at least 1
   */
  public static int epochs(Trainable trial, double seconds) {
    if (!(seconds > 0)) {
      throw new IllegalArgumentException("expected a time above 0 seconds, got " + seconds);
    }
    long start = System.nanoTime();
    int warmUp = 0;
    do {
      trial.step();
      warmUp++;
    } while (warmUp < WARM_UP && since(start) < TRIAL * seconds / 2);
    long warm = System.nanoTime();
    int steps = 0;
    do {
      trial.step();
      steps++;
    } while (since(start) < TRIAL * seconds);
    double epoch = since(warm) / steps * trial.batchesPerEpoch();
    return (int) Math.min(Math.max(1, (seconds - since(start)) / epoch), 1_000_000);
  }

  private static double since(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
