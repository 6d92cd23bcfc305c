// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Iterator;
import java.util.SplittableRandom;

/**
 * Damaged copies of a good input, the same ones at every run: what a plain test run searches with.
 * Jazzer (JAZZER_FUZZ=1) searches on, guided by coverage.
 */
public final class Mutations {
  private static final byte[] TELLING = {
    0,
    1,
    2,
    3,
    8,
    0x7f,
    (byte) 0x80,
    (byte) 0xff,
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\\',
    '-',
    '0',
    '9',
    'e',
    ' '
  };

  private Mutations() {}

  /**
   * Each with 1 to 4 changes: a byte set, a bit flipped, a piece removed, doubled or moved, the end
   * cut.
   */
  public static Iterable<byte[]> of(byte[] seed, long randomSeed, int count) {
    SplittableRandom random = new SplittableRandom(randomSeed);
    return () ->
        new Iterator<>() {
          private int made;

          @Override
          public boolean hasNext() {
            return made < count;
          }

          @Override
          public byte[] next() {
            made++;
            byte[] bytes = seed.clone();
            for (int changes = 1 + random.nextInt(4); changes > 0 && bytes.length > 0; changes--) {
              bytes = change(bytes, random);
            }
            return bytes;
          }
        };
  }

  private static byte[] change(byte[] bytes, SplittableRandom random) {
    int at = random.nextInt(bytes.length);
    int end = at + 1 + random.nextInt(Math.min(8, bytes.length - at));
    switch (random.nextInt(6)) {
      case 0:
        bytes[at] = TELLING[random.nextInt(TELLING.length)];
        return bytes;
      case 1:
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        return bytes;
      case 2:
        return Arrays.copyOf(bytes, at);
      case 3:
        return splice(bytes, at, end, new byte[0]);
      case 4:
        return splice(bytes, at, at, Arrays.copyOfRange(bytes, at, end));
      default:
        int from = random.nextInt(bytes.length);
        return splice(
            bytes,
            at,
            end,
            Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + end - at)));
    }
  }

  private static byte[] splice(byte[] bytes, int from, int to, byte[] piece) {
    byte[] out = new byte[bytes.length - (to - from) + piece.length];
    System.arraycopy(bytes, 0, out, 0, from);
    System.arraycopy(piece, 0, out, from, piece.length);
    System.arraycopy(bytes, to, out, from + piece.length, bytes.length - to);
    return out;
  }

  /** Bytes that this thread has allocated so far. */
  public static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  /**
   * Fails when a reader took more than a multiple of its input: it believed a number in it. The
   * fixed share is for what Jazzer allocates on the thread when it instruments a class.
   */
  public static void assertBounded(long taken, long inputBytes) {
    assertTrue(taken < 64_000_000 + 500 * inputBytes, "took " + taken + " bytes for " + inputBytes);
  }
}
