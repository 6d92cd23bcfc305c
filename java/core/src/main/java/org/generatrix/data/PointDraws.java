// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

/** The random numbers of one point: eight words, two blocks of Philox. */
final class PointDraws {
  private static final double WORD = 0x1p-32;

  private final int key0;
  private final int key1;
  private final int[] first = new int[4];
  private final int[] second = new int[4];

  PointDraws(long seed) {
    key0 = (int) seed;
    key1 = (int) (seed >>> 32);
  }

  /** Goes to a point. */
  void next(int row) {
    block(0, row, first);
    block(1, row, second);
  }

  private void block(int counter, int row, int[] words) {
    words[0] = counter;
    words[1] = row;
    words[2] = 0;
    words[3] = Points.PURPOSE;
    Philox.block(key0, key1, words);
  }

  /** One of 0 .. n - 1; for n far below 2^32. */
  int choice(int n) {
    return (int) ((first[0] & 0xffffffffL) * n >>> 32);
  }

  /** In (0, 1). */
  double uniform() {
    return ((first[1] & 0xffffffffL) + 0.5) * WORD;
  }

  /** Another. */
  double secondUniform() {
    return ((second[2] & 0xffffffffL) + 0.5) * WORD;
  }

  /** Standard normal. */
  double normal() {
    return radius(second[0]) * StrictMath.cos(angle(second[1]));
  }

  /** Standard normal, independent of all others. */
  double noiseX() {
    return radius(first[2]) * StrictMath.cos(angle(first[3]));
  }

  /** Standard normal, independent of all others. */
  double noiseY() {
    return radius(first[2]) * StrictMath.sin(angle(first[3]));
  }

  // Box and Muller. StrictMath: the same bits everywhere.
  private static double radius(int word) {
    return StrictMath.sqrt(-2 * StrictMath.log(((word & 0xffffffffL) + 1) * WORD));
  }

  private static double angle(int word) {
    return 2 * Math.PI * WORD * (word & 0xffffffffL);
  }
}
