// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.run;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.generatrix.bench.Contender;

/**
 * Times several contenders against each other: A B A B ..., so that a drift of the machine (clock,
 * neighbours, heat) meets all of them alike and cancels in the ratio.
 *
 * <p>A sample is the mean over a block of calls. Between blocks the thread pools of the side before
 * are given time to fall asleep: OpenBLAS's workers yield in a loop for some 2^28 cycles, 0.1 s,
 * after a call and libgomp's spin, both on the cores the next side needs. Then calls that do not
 * count wake the side's own pool and bring its operands back into the caches, as in a chain.
 */
public final class Interleaved {
  /**
   * How long to measure.
   *
   * @param repeats samples of each contender
   * @param fewest samples of each where calls are so long that all repeats would pass the budget
   * @param blockMillis least length of a block; one call where a call is longer
   * @param budgetMillis what the samples of the slowest contender may take together
   */
  public record Plan(int repeats, int fewest, double blockMillis, double budgetMillis) {
    public Plan {
      if (fewest < 1 || repeats < fewest) {
        throw new IllegalArgumentException(
            "expected at least 1 repeat and no fewer than the fewest, got "
                + repeats
                + " and "
                + fewest);
      }
      if (!(blockMillis > 0) || !(budgetMillis > 0)) {
        throw new IllegalArgumentException(
            "expected blocks and a budget of more than 0 ms, got "
                + blockMillis
                + " and "
                + budgetMillis);
      }
    }

    int repeatsFor(double slowestCallMillis) {
      double affordable = budgetMillis / Math.max(slowestCallMillis, blockMillis);
      return (int) Math.max(fewest, Math.min(repeats, affordable));
    }
  }

  private static final Plan CHOICE = new Plan(3, 1, 20, 4000);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final double SETTLE_MILLIS = 5;
  private static final double WARM_UP_MILLIS = 300;
  // Above this one call is warm-up enough.
  private static final double LONG_CALL_MILLIS = 200;

  private Interleaved() {}

  /** Milliseconds per unit of work of each contender, in their order. */
  public static List<Statistics> measure(List<Contender> contenders, Plan plan) {
    int count = contenders.size();
    long[] calls = new long[count];
    double slowest = 0;
    for (int i = 0; i < count; i++) {
      pause();
      double millis = warmUp(contenders.get(i));
      slowest = Math.max(slowest, millis);
      calls[i] = Math.max(1, (long) Math.ceil(plan.blockMillis() / millis));
    }
    int repeats = plan.repeatsFor(slowest);
    double[][] samples = new double[count][repeats];
    for (int repeat = 0; repeat < repeats; repeat++) {
      for (int turn = 0; turn < count; turn++) {
        int i = (turn + repeat) % count; // nobody always follows the same neighbour
        samples[i][repeat] = block(contenders.get(i), calls[i]);
      }
    }
    List<Statistics> result = new ArrayList<>();
    for (double[] times : samples) {
      result.add(Statistics.of(times));
    }
    return result;
  }

  /** The contender with the least time per unit in a short trial. */
  public static Contender fastest(List<Contender> variants) {
    if (variants.size() == 1) {
      return variants.get(0);
    }
    List<Statistics> times = measure(variants, CHOICE);
    int best = 0;
    for (int i = 1; i < variants.size(); i++) {
      double perUnit = times.get(i).median();
      best = perUnit < times.get(best).median() ? i : best;
    }
    return variants.get(best);
  }

  private static double block(Contender contender, long calls) {
    pause();
    if (calls > 1) {
      settle(contender);
    }
    long start = System.nanoTime();
    for (long call = 0; call < calls; call++) {
      contender.call().run();
    }
    return (System.nanoTime() - start) / 1e6 / calls / contender.batch();
  }

  private static void settle(Contender contender) {
    long start = System.nanoTime();
    do {
      contender.call().run();
    } while ((System.nanoTime() - start) / 1e6 < SETTLE_MILLIS);
  }

  /** Runs until the JIT and the pools have had their time; the milliseconds of the fastest call. */
  private static double warmUp(Contender contender) {
    double fastest = Double.POSITIVE_INFINITY;
    long start = System.nanoTime();
    int calls = 0;
    double elapsed;
    do {
      long before = System.nanoTime();
      contender.call().run();
      long after = System.nanoTime();
      fastest = Math.min(fastest, (after - before) / 1e6);
      elapsed = (after - start) / 1e6;
      calls++;
    } while (elapsed < WARM_UP_MILLIS || (calls < 3 && fastest < LONG_CALL_MILLIS));
    return fastest;
  }

  private static void pause() {
    long end = System.nanoTime() + PAUSE_NANOS;
    for (long left = PAUSE_NANOS; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
