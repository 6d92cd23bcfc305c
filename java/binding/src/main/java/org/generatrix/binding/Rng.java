// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

/**
 * Which stream of random numbers; mirrors gx_rng. The same seed and step give the same numbers on
 * every machine, instruction set and thread count.
 *
 * @param seed any 64 bits
 * @param step where in the stream, in [0, 2^56); a call that draws for k steps uses step .. step +
 *     k - 1
 */
public record Rng(long seed, long step) {
  private static final long STEPS = 1L << 56;

  public Rng {
    if (step < 0 || step >= STEPS) {
      throw new IllegalArgumentException("expected a step in [0, 2^56), got " + step);
    }
  }

  /** The stream {@code steps} further on. */
  public Rng plus(long steps) {
    return new Rng(seed, Math.addExact(step, steps));
  }
}
