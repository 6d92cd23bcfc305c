// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;

/**
 * Batch renormalisation of x [examples, channels, ..] (Ioffe 2017): batch norm whose training sees
 * what evaluation will see, within bounds that a training opens step by step. The paper trains 5000
 * steps with (1, 0), which is batch norm, then goes to (3, 5). It has the tensors of {@link
 * BatchNorm}, and like it writes to them only on a tape that trains.
 */
public final class BatchRenorm extends RunningNorm {
  private volatile Bounds bounds = new Bounds(1, 0);

  private record Bounds(double rMax, double dMax) {}

  /** Momentum 0.01, epsilon 1e-3, with weight and bias, from the bounds (1, 0). */
  public BatchRenorm(Device device, long channels) {
    this(device, DType.FLOAT32, channels, 0.01, 1e-3);
  }

  public BatchRenorm(Device device, DType dtype, long channels, double momentum, double epsilon) {
    super(device, dtype, channels, share(momentum), epsilon, true);
  }

  /**
   * Sets how far a batch is corrected from now on.
   *
   * @param rMax of the ratio of deviations, at least 1
   * @param dMax of the distance of means in deviations, at least 0
   */
  public void bounds(double rMax, double dMax) {
    if (!(rMax >= 1
        && rMax < Double.POSITIVE_INFINITY
        && dMax >= 0
        && dMax < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "expected finite bounds r >= 1 and d >= 0, got " + rMax + " and " + dMax);
    }
    bounds = new Bounds(rMax, dMax);
  }

  @Override
  public Var apply(Var x) {
    Bounds now = bounds;
    return Functions.batchRenorm(
        x,
        gamma(x.tape()),
        beta(x.tape()),
        runningMean(),
        runningVar(),
        momentum(),
        now.rMax,
        now.dMax,
        epsilon());
  }
}
