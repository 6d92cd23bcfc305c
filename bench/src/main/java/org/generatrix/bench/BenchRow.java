// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

import org.generatrix.bench.peer.Pools;

/**
 * One line of the benchmark table: a piece of work on one shape.
 *
 * @param name the work and its shape, {@code gibbs-sweep:784x500:b1024}; filters match against it
 * @param opener builds the trial at a number of threads
 * @param alone whether the row states our time only, so that how peers are set up does not matter
 * @param serial whether the work runs on one thread whatever it is given
 */
public record BenchRow(String name, Opener opener, boolean alone, boolean serial) {
  /** Builds a trial; called once per thread count. */
  @FunctionalInterface
  public interface Opener {
    Trial open(int threads);
  }

  public BenchRow {
    if (name.indexOf(':') <= 0 || name.endsWith(":")) {
      throw new IllegalArgumentException(
          "expected a row name like 'work:shape', got '" + name + "'");
    }
  }

  /** A row with peers. */
  public BenchRow(String name, Opener opener) {
    this(name, opener, false, false);
  }

  /** The same row without peers. */
  public BenchRow withoutPeers() {
    return new BenchRow(name, opener, true, serial);
  }

  /** The same row, run at one thread only. */
  public BenchRow onOneThread() {
    return new BenchRow(name, opener, alone, true);
  }

  /** Whether it says anything new at these threads, with the peers' pools set up like that. */
  public boolean runs(int threads, Pools pools) {
    return !(serial && threads > 1) && !(alone && pools == Pools.SHIPPED);
  }

  /** What follows the first colon of the name: {@code 784x500:b1024}. */
  public String shape() {
    return name.substring(name.indexOf(':') + 1);
  }

  /** Allocates the operands of both sides. The caller verifies, measures and closes. */
  public Trial open(int threads) {
    return opener.open(threads);
  }
}
