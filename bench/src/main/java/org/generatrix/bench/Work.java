// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

import java.util.Locale;

/**
 * The amount of work in one call and the ceiling it runs against.
 *
 * @param amount floating-point operations, bytes moved, or calls
 * @param unit which of these
 */
public record Work(double amount, Unit unit) {
  /** What is counted; the first two have a measured ceiling. */
  public enum Unit {
    /**
     * Operations of the dense product (2 m n k), whatever the algorithm really does. Sums read from
     * tables do fewer, so that a rate can lie above the ceiling of sgemm.
     */
    FLOP,
    /** Bytes read plus bytes written, each operand once. */
    BYTE,
    /** Calls: nothing but the time is of interest. */
    CALL
  }

  public static Work flops(double flops) {
    return new Work(flops, Unit.FLOP);
  }

  public static Work bytes(double bytes) {
    return new Work(bytes, Unit.BYTE);
  }

  public static Work call() {
    return new Work(1, Unit.CALL);
  }

  /** The rate in 10^9 units per second at {@code milliseconds} per call. */
  public double giga(double milliseconds) {
    return amount / (milliseconds * 1e6);
  }

  /** The rate as it is printed. */
  public String rate(double milliseconds) {
    return switch (unit) {
      case FLOP -> String.format(Locale.ROOT, "%.0f GFLOP/s-eq", giga(milliseconds));
      case BYTE -> String.format(Locale.ROOT, "%.1f GB/s", giga(milliseconds));
      case CALL -> String.format(Locale.ROOT, "%.0f ns/call", milliseconds * 1e6);
    };
  }
}
