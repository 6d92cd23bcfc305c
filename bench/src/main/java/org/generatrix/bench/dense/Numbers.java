// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.dense;

import java.util.SplittableRandom;

/** Operands. */
final class Numbers {
  private Numbers() {}

  /** Uniform in [-1, 1), the same each time. */
  static float[] of(int count, long seed) {
    return of(count, seed, 1);
  }

  /** Uniform in [-limit, limit). */
  static float[] of(int count, long seed, double limit) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (limit * (2 * random.nextDouble() - 1));
    }
    return values;
  }
}
