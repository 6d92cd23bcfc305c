// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Work;
import org.generatrix.bench.peer.OpenBlas;

/**
 * What this machine can do at a number of threads, measured in the same run as the rows.
 *
 * @param threads of both measurements
 * @param gigaflops of OpenBLAS's sgemm, 2048 x 2048 x 2048, in 10^9 operations per second
 * @param gigabytes of copying 256 MiB, in 10^9 bytes read plus written per second
 */
public record Ceilings(int threads, double gigaflops, double gigabytes) {
  private static final int SIDE = 2048;
  private static final long COPIED = 64L << 20; // floats: far beyond any cache
  private static final Interleaved.Plan PLAN = new Interleaved.Plan(9, 9, 30, 10_000);

  public static Ceilings measure(int threads) {
    return new Ceilings(threads, sgemm(threads), copy(threads));
  }

  /** The share of its ceiling that a rate reaches, or NaN where there is no ceiling. */
  public double share(Work work, double milliseconds) {
    return switch (work.unit()) {
      case FLOP -> work.giga(milliseconds) / gigaflops;
      case BYTE -> work.giga(milliseconds) / gigabytes;
      case CALL -> Double.NaN;
    };
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d thread%s: sgemm %.0f GFLOP/s, copy %.0f GB/s",
        threads,
        threads == 1 ? "" : "s",
        gigaflops,
        gigabytes);
  }

  private static double sgemm(int threads) {
    OpenBlas.setThreads(threads);
    long count = (long) SIDE * SIDE;
    try (FloatPointer a = new FloatPointer(count);
        FloatPointer b = new FloatPointer(count);
        FloatPointer out = new FloatPointer(count)) {
      fill(a, count);
      fill(b, count);
      double time =
          time(new Contender("sgemm", () -> OpenBlas.multiply(a, b, out, SIDE, SIDE, SIDE)));
      return 2.0 * SIDE * SIDE * SIDE / (time * 1e6);
    }
  }

  private static double copy(int threads) {
    try (FloatPointer from = new FloatPointer(COPIED);
        FloatPointer to = new FloatPointer(COPIED)) {
      fill(from, COPIED);
      fill(to, COPIED);
      double time = time(new Contender("copy", () -> copy(from, to, threads)));
      return 2.0 * COPIED * Float.BYTES / (time * 1e6);
    }
  }

  /** Each thread copies its share of the array. */
  private static void copy(FloatPointer from, FloatPointer to, int threads) {
    CountDownLatch done = new CountDownLatch(threads);
    long share = COPIED / threads;
    List<Thread> helpers = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      long start = t * share;
      Runnable part =
          () -> {
            Pointer.memcpy(to.getPointer(start), from.getPointer(start), share * Float.BYTES);
            done.countDown();
          };
      if (t + 1 < threads) {
        helpers.add(new Thread(part));
        helpers.get(t).start();
      } else {
        part.run();
      }
    }
    try {
      done.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while measuring the copy bandwidth", e);
    }
  }

  private static void fill(FloatPointer pointer, long count) {
    float[] ones = new float[1 << 20];
    Arrays.fill(ones, 1f);
    for (long at = 0; at < count; at += ones.length) {
      pointer.position(at).put(ones, 0, (int) Math.min(ones.length, count - at));
    }
    pointer.position(0);
  }

  private static double time(Contender contender) {
    return Interleaved.measure(List.of(contender), PLAN).get(0).median();
  }
}
