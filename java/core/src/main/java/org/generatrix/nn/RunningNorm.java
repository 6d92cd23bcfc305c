// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import java.util.Arrays;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/** What the norms that keep statistics share: the buffers "running_mean" and "running_var". */
abstract class RunningNorm extends ChannelNorm {
  private final double momentum;
  private final Tensor runningMean;
  private final Tensor runningVar;

  RunningNorm(
      Device device, DType dtype, long channels, double momentum, double epsilon, boolean affine) {
    super(device, dtype, affine, epsilon, channels);
    this.momentum = momentum;
    runningMean = buffer("running_mean", Tensor.zeros(device, dtype, channels));
    runningVar = buffer("running_var", Tensor.zeros(device, dtype, channels));
    float[] ones = new float[Math.toIntExact(channels)];
    Arrays.fill(ones, 1);
    runningVar.copyFrom(ones);
  }

  /** Before anything is allocated. */
  static double share(double momentum) {
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new IllegalArgumentException("momentum must be between 0 and 1, got " + momentum);
    }
    return momentum;
  }

  final double momentum() {
    return momentum;
  }

  /** [channels], from 0; the buffer "running_mean". This layer's own. */
  public final Tensor runningMean() {
    return runningMean;
  }

  /** [channels], from 1; the buffer "running_var". This layer's own. */
  public final Tensor runningVar() {
    return runningVar;
  }
}
