// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.tensor;

import java.util.List;
import org.generatrix.binding.Allocations;

/**
 * Finds tensors that nobody closed. Off by default, since each allocation then records its stack;
 * {@code -Dgeneratrix.leaks=true} or {@link #track} turns it on. Tensors made while it is off do
 * not appear.
 */
public final class Leaks {
  private Leaks() {}

  public static boolean isTracking() {
    return Allocations.isTracking();
  }

  public static void track(boolean on) {
    Allocations.setTracking(on);
  }

  /** Number of tracked tensors and buffers that are open now. */
  public static int open() {
    return Allocations.live().size();
  }

  /**
   * What is open now and what was garbage collected without a close, a line each with size and
   * allocation site; empty if there is nothing.
   */
  public static String report() {
    StringBuilder report = new StringBuilder();
    append(report, "open", Allocations.live());
    append(report, "dropped without a close", Allocations.dropped());
    return report.toString();
  }

  private static void append(StringBuilder report, String state, List<Allocations.Site> sites) {
    for (Allocations.Site site : sites) {
      report.append(site.bytes()).append(" bytes, ").append(state).append(", allocated");
      String before = " at ";
      for (StackTraceElement frame :
          site.stack().stream().dropWhile(Leaks::isOurs).limit(5).toList()) {
        report.append(before).append(frame);
        before = " <- ";
      }
      report.append('\n');
    }
  }

  private static boolean isOurs(StackTraceElement frame) {
    return frame.getClassName().equals(Tensor.class.getName());
  }
}
