// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.train;

/**
 * Runs of a given time: how many epochs they can make, by a trial, so that a learning rate falls
 * over exactly those; and their end should the machine slow down.
 */
public final class Pace {
  private static final int WARM_UP = 20; // updates
  private static final double TRIAL = 0.02; // share of the time
  private static final double OVERRUN = 1.1; // of the time

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

  /**
   * Stops a run that has taken a tenth more than its time, since the machine became busier than it
   * was in the trial, but not in its first epoch.
   *
   * @param seconds from the beginning of the run
   */
  public static TrainingListener limit(Trainer run, double seconds) {
    return new TrainingListener() {
      @Override
      public void onBatch(TrainingEvent event) {
        if (event.seconds() > OVERRUN * seconds && event.epoch() > 0) {
          run.requestStop();
        }
      }
    };
  }

  private static double since(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
