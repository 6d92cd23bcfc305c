// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;

/**
 * Batch norm of x [examples, channels, ..] (Ioffe and Szegedy 2015), with PyTorch's names and
 * defaults. On a tape that trains it takes the statistics of the batch and moves the running ones,
 * so one thread at a time may train it; otherwise it takes the running ones and writes nothing.
 */
public final class BatchNorm extends RunningNorm {
  private final boolean relu;

  /** Momentum 0.1, epsilon 1e-5, with weight and bias. */
  public BatchNorm(Device device, long channels) {
    this(device, DType.FLOAT32, channels, 0.1, 1e-5, true, false);
  }

  /**
   * @param momentum of the running statistics: the share of a new batch
   * @param affine whether it has a weight and a bias
   * @param relu whether max(y, 0) follows, in the same pass
   */
  public BatchNorm(
      Device device,
      DType dtype,
      long channels,
      double momentum,
      double epsilon,
      boolean affine,
      boolean relu) {
    super(device, dtype, channels, share(momentum), epsilon, affine);
    this.relu = relu;
  }

  @Override
  public Var apply(Var x) {
    return Functions.batchNorm(
        x,
        gamma(x.tape()),
        beta(x.tape()),
        runningMean(),
        runningVar(),
        momentum(),
        epsilon(),
        relu);
  }
}
