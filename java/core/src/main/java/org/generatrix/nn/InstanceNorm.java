// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;

/**
 * Instance norm of x [examples, channels, ..] (Ulyanov, Vedaldi, Lempitsky 2016): each channel of
 * each example by itself, the same in training and evaluation.
 */
public final class InstanceNorm extends ChannelNorm {
  /** Epsilon 1e-5, without weight and bias, as in PyTorch. */
  public InstanceNorm(Device device, long channels) {
    this(device, DType.FLOAT32, channels, 1e-5, false);
  }

  public InstanceNorm(Device device, DType dtype, long channels, double epsilon, boolean affine) {
    super(device, dtype, affine, epsilon, channels);
  }

  @Override
  public Var apply(Var x) {
    return Functions.instanceNorm(x, gamma(x.tape()), beta(x.tape()), epsilon());
  }
}
