// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ShuffleTest {
  @Test
  void isAPermutation() {
    for (int n : new int[] {0, 1, 2, 3, 63, 64, 65, 1000, 60_000}) {
      long[] order = Shuffle.permutation(n, 7, 3);
      Arrays.sort(order);
      assertArrayEquals(LongStream.range(0, n).toArray(), order);
    }
  }

  /** Checkpoints depend on it: these orders may never change. */
  @Test
  void goldenOrders() {
    assertArrayEquals(naive(10, 1, 0), Shuffle.permutation(10, 1, 0));
    assertEquals("[0, 5, 1, 2, 7, 9, 8, 4, 3, 6]", Arrays.toString(Shuffle.permutation(10, 1, 0)));
    assertEquals(
        "[9, 2, 8, 7, 3, 0, 6, 5, 4, 1]",
        Arrays.toString(Shuffle.permutation(10, -5, (1L << 56) - 1)));
  }

  @Test
  void dependsOnSeedAndEpochAlone() {
    long[] order = Shuffle.permutation(100, 1, 2);
    assertArrayEquals(order, Shuffle.permutation(100, 1, 2));
    assertFalse(Arrays.equals(order, Shuffle.permutation(100, 1, 3)));
    assertFalse(Arrays.equals(order, Shuffle.permutation(100, 2, 2)));
    assertFalse(Arrays.equals(order, Shuffle.permutation(100, 1L << 32 | 1, 2)), "high key word");
    assertFalse(Arrays.equals(order, Shuffle.permutation(100, 1, 1L << 32 | 2)), "high step word");
  }

  /** Large enough that about 128 draws are taken again from the next row. */
  @Test
  void followsItsDefinition() {
    assertArrayEquals(naive(1 << 20, 99, 5), Shuffle.permutation(1 << 20, 99, 5));
  }

  /**
   * Chi-square over the 120 orders of 5: 119 degrees of freedom, so 119 +- 15.4; bounds at 5 sigma.
   */
  @Test
  void everyOrderIsEquallyLikely() {
    int each = 500;
    Map<String, Integer> counts = new HashMap<>();
    for (int epoch = 0; epoch < 120 * each; epoch++) {
      counts.merge(Arrays.toString(Shuffle.permutation(5, 42, epoch)), 1, Integer::sum);
    }
    assertEquals(120, counts.size());
    double chiSquare =
        counts.values().stream().mapToDouble(c -> (c - each) * (double) (c - each) / each).sum();
    assertTrue(Math.abs(chiSquare - 119) < 5 * Math.sqrt(2 * 119), "chi-square " + chiSquare);
  }

  /**
   * Where each of 50 entries goes, over 20,000 seeds: 49 x 49 degrees of freedom, so 2401 +- 69;
   * bounds at 5 sigma. Reaches across the words of several blocks.
   */
  @Test
  void everyPlaceIsEquallyLikely() {
    int n = 50;
    int seeds = 20_000;
    int[][] counts = new int[n][n];
    for (int seed = 0; seed < seeds; seed++) {
      long[] order = Shuffle.permutation(n, seed, 0);
      for (int i = 0; i < n; i++) {
        counts[i][(int) order[i]]++;
      }
    }
    double expected = seeds / (double) n;
    double chiSquare = 0;
    for (int[] row : counts) {
      for (int count : row) {
        chiSquare += (count - expected) * (count - expected) / expected;
      }
    }
    double freedom = (n - 1.0) * (n - 1);
    assertTrue(
        Math.abs(chiSquare - freedom) < 5 * Math.sqrt(2 * freedom), "chi-square " + chiSquare);
  }

  /**
   * Entries that keep their place from one epoch to the next: mean 1 and variance 1 each, summed
   * over 2,000 epochs.
   */
  @Test
  void epochsAreIndependent() {
    int n = 1000;
    int epochs = 2000;
    long kept = 0;
    long[] last = Shuffle.permutation(n, 11, 0);
    for (int epoch = 1; epoch <= epochs; epoch++) {
      long[] next = Shuffle.permutation(n, 11, epoch);
      for (int i = 0; i < n; i++) {
        kept += next[i] == last[i] ? 1 : 0;
      }
      last = next;
    }
    assertTrue(Math.abs(kept - epochs) < 5 * Math.sqrt(epochs), "kept " + kept);
  }

  @Test
  void refusesWhatHasNoOrder() {
    assertEquals(
        "expected n >= 0, got -1",
        assertThrows(IllegalArgumentException.class, () -> Shuffle.permutation(-1, 0, 0))
            .getMessage());
    assertEquals(
        "expected an epoch in 0 .. 2^56 - 1, got -1",
        assertThrows(IllegalArgumentException.class, () -> Shuffle.permutation(1, 0, -1))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> Shuffle.permutation(1, 0, 1L << 56));
  }

  /** The definition word by word, with the counter as random.h writes it. */
  private static long[] naive(int n, long seed, long epoch) {
    long[] order = LongStream.range(0, n).toArray();
    for (int i = n - 1; i > 0; i--) {
      long bound = i + 1;
      long word;
      int row = 0;
      do {
        word = word(seed, epoch, row++, i);
      } while (Long.remainderUnsigned(word * bound, 1L << 32) < (1L << 32) % bound);
      int j = (int) (word * bound / (1L << 32));
      long moved = order[i];
      order[i] = order[j];
      order[j] = moved;
    }
    return order;
  }

  private static long word(long seed, long step, int row, int unit) {
    int[] words = {
      16 * (unit / 64) + unit % 16,
      row,
      (int) step,
      (int) ((step >>> 32) % (1 << 24) * 256 + Shuffle.PURPOSE)
    };
    Philox.block((int) seed, (int) (seed >>> 32), words);
    return Integer.toUnsignedLong(words[unit / 16 % 4]);
  }
}
