// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.optim;

import java.util.Map;
import org.generatrix.tensor.Tensor;

/**
 * The exponential moving average of the parameters, which usually samples and scores better than
 * the parameters themselves (Polyak and Juditsky 1992). It begins as a copy of them.
 *
 * <p>There are two ways to use it. {@link #apply} puts it in the place of the parameters for a
 * while, on the training's own thread. {@link #copyTo} writes it into another model's parameters at
 * any time from any thread, which then scores while training goes on.
 */
public final class Ema {
  /** A parameter and its average. */
  record Average(Tensor parameter, Tensor average) {}

  private final Optimizer optimizer;
  private final Map<String, Average> averages;
  private boolean applied;

  Ema(Optimizer optimizer, Map<String, Average> averages) {
    this.optimizer = optimizer;
    this.averages = averages;
  }

  boolean isApplied() {
    return applied;
  }

  /** While it is open, the parameters hold their average, and training steps are refused. */
  public final class Applied implements AutoCloseable {
    private boolean open = true;

    private Applied() {}

    /** The parameters get their own values back; closing again does nothing. */
    @Override
    public void close() {
      if (open) {
        open = false;
        swap();
      }
    }
  }

  /**
   * Swaps the average in.
   *
   * <pre>{@code
   * try (Ema.Applied averaged = optimizer.ema().apply()) {
   *   score(model);
   * }
   * }</pre>
   */
  public Applied apply() {
    synchronized (optimizer) {
      optimizer.requireNotApplied();
      swap();
      return new Applied();
    }
  }

  private void swap() {
    synchronized (optimizer) {
      for (Average each : averages.values()) {
        try (Tensor parameter = each.parameter().copy()) {
          each.parameter().copyFrom(each.average());
          each.average().copyFrom(parameter);
        }
      }
      applied = !applied;
    }
  }

  /**
   * Writes the average into tensors of the same names and shapes, as of a second model's {@code
   * parameters()}. No step comes in between.
   */
  public void copyTo(Map<String, Tensor> parameters) {
    if (!parameters.keySet().equals(averages.keySet())) {
      throw new IllegalArgumentException(
          "expected parameters named %s, got %s".formatted(averages.keySet(), parameters.keySet()));
    }
    synchronized (optimizer) {
      averages.forEach(
          (name, each) ->
              parameters.get(name).copyFrom(applied ? each.parameter() : each.average()));
    }
  }
}
