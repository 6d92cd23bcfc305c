// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

/**
 * The order in which data is presented: for every seed and epoch one permutation, the same on every
 * machine and Java version, found without any state. A resumed training needs the two numbers and
 * nothing else.
 *
 * <p>Fisher and Yates' shuffle from the last entry down: entry i changes places with a uniform j in
 * 0 .. i. The j of entry i is drawn from Philox4x32-10 with the layout of {@code
 * generatrix/random.h}, where seed = seed, step = epoch, purpose = {@value #PURPOSE} (which no
 * kernel uses), unit = i and row = 0, without bias (Lemire, "Fast random integer generation in an
 * interval", ACM TOMACS 29, 2019): j = floor(word * (i + 1) / 2^32), and when the low half of that
 * product falls short of 2^32 mod (i + 1), the word of the next row is taken instead.
 */
public final class Shuffle {
  static final int PURPOSE = 255;

  private static final long MAX_EPOCH = (1L << 56) - 1;

  private final int key0;
  private final int key1;
  private final int step0;
  private final int step1;
  private final int[] block = new int[4];
  private final int[] words = new int[64];
  private int filled = -1;

  private Shuffle(long seed, long epoch) {
    key0 = (int) seed;
    key1 = (int) (seed >>> 32);
    step0 = (int) epoch;
    step1 = (int) (epoch >>> 32) << 8 | PURPOSE;
  }

  /**
   * A random order of 0 .. n - 1, every one of them equally likely over the seeds.
   *
   * @param n how many, 0 or more
   * @param seed any number
   * @param epoch 0 .. 2^56 - 1; different epochs give independent orders
   */
  public static long[] permutation(int n, long seed, long epoch) {
    if (n < 0) {
      throw new IllegalArgumentException("expected n >= 0, got " + n);
    }
    if (epoch < 0 || epoch > MAX_EPOCH) {
      throw new IllegalArgumentException("expected an epoch in 0 .. 2^56 - 1, got " + epoch);
    }
    long[] order = new long[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    Shuffle random = new Shuffle(seed, epoch);
    for (int i = n - 1; i > 0; i--) {
      int j = random.below(i + 1, i);
      long moved = order[i];
      order[i] = order[j];
      order[j] = moved;
    }
    return order;
  }

  private int below(int bound, int unit) {
    long product = first(unit) * bound;
    if ((product & 0xffffffffL)
        < bound) { // only then can it be below 2^32 mod bound, which costs a division
      long floor = (1L << 32) % bound;
      for (int row = 1; (product & 0xffffffffL) < floor; row++) {
        product = word(unit, row) * bound;
      }
    }
    return (int) (product >>> 32);
  }

  // Row 0, sixteen blocks at a time: they hold the words of 64 neighbouring units.
  private long first(int unit) {
    if (unit >>> 6 != filled) {
      filled = unit >>> 6;
      for (int lane = 0; lane < 16; lane++) {
        draw(filled * 16 + lane, 0);
        for (int quarter = 0; quarter < 4; quarter++) {
          words[quarter * 16 + lane] = block[quarter];
        }
      }
    }
    return words[unit & 63] & 0xffffffffL;
  }

  private long word(int unit, int row) {
    draw((unit >>> 6) * 16 + (unit & 15), row);
    return block[unit >>> 4 & 3] & 0xffffffffL;
  }

  private void draw(int counter0, int row) {
    block[0] = counter0;
    block[1] = row;
    block[2] = step0;
    block[3] = step1;
    Philox.block(key0, key1, block);
  }
}
