// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench;

/**
 * A call to time.
 *
 * @param label what it is, for the reader: {@code rand < p}
 * @param call does the work; it must not return before the work is done
 * @param batch how many units of work one call does; times are per unit. Above 1 where one unit is
 *     too short for the clock
 */
public record Contender(String label, Runnable call, long batch) {
  public Contender {
    if (batch < 1) {
      throw new IllegalArgumentException("expected a batch of at least 1, got " + batch);
    }
  }

  public Contender(String label, Runnable call) {
    this(label, call, 1);
  }
}
