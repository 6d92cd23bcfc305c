// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

/**
 * Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC
 * 2011): ten rounds that turn a counter of 128 bits and a key of 64 into 128 random bits. The same
 * function as gx_philox4x32_10 of the native library, here so that data can be shuffled without it.
 */
final class Philox {
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;

  private Philox() {}

  /**
   * One block; {@code words} holds the counter on entry and the random words on return, four
   * unsigned ints.
   */
  static void block(int key0, int key1, int[] words) {
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = MULTIPLIER_0 * (words[0] & 0xffffffffL);
      long product1 = MULTIPLIER_1 * (words[2] & 0xffffffffL);
      words[0] = (int) (product1 >>> 32) ^ words[1] ^ key0;
      words[2] = (int) (product0 >>> 32) ^ words[3] ^ key1;
      words[1] = (int) product1;
      words[3] = (int) product0;
      key0 += WEYL_0;
      key1 += WEYL_1;
    }
  }
}
