// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.train;

import java.util.Objects;

/**
 * When to stop because a metric no longer improves.
 *
 * @param metric its name among the metrics of {@link TrainingListener#onEpoch}
 * @param goal which way is better
 * @param patience epochs without improvement that are borne, at least 1
 * @param minDelta what counts as an improvement, finite and not negative
 */
public record EarlyStop(String metric, Goal goal, int patience, double minDelta) {

  /** Which way is better. */
  public enum Goal {
    MINIMIZE,
    MAXIMIZE
  }

  public EarlyStop {
    Objects.requireNonNull(metric, "metric");
    Objects.requireNonNull(goal, "goal");
    if (patience < 1) {
      throw new IllegalArgumentException("patience must be at least 1, got " + patience);
    }
    if (!(minDelta >= 0 && minDelta < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "minDelta must be finite and not negative, got " + minDelta);
    }
  }

  /** Whether a value is better than the best so far by at least minDelta; NaN never is. */
  boolean improves(double value, double best) {
    return goal == Goal.MAXIMIZE
        ? value >= best + minDelta && value > best
        : value <= best - minDelta && value < best;
  }

  double worst() {
    return goal == Goal.MAXIMIZE ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
  }
}
