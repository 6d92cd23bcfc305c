// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

/**
 * One line of the benchmark table: a piece of work on one shape.
 *
 * @param name the work and its shape, {@code gibbs-sweep:784x500:b1024}; filters match against it
 * @param opener builds the trial at a number of threads
 */
public record BenchRow(String name, Opener opener) {
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

  /** What follows the first colon of the name: {@code 784x500:b1024}. */
  public String shape() {
    return name.substring(name.indexOf(':') + 1);
  }

  /** Allocates the operands of both sides. The caller verifies, measures and closes. */
  public Trial open(int threads) {
    return opener.open(threads);
  }
}
