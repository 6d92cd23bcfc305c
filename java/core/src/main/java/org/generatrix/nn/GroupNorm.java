// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;

/**
 * Group norm of x [examples, channels, ..] (Wu and He 2018), the same in training and evaluation.
 */
public final class GroupNorm extends ChannelNorm {
  private final long groups;

  /**
   * Epsilon 1e-5, with weight and bias.
   *
   * @param groups divides the channels
   */
  public GroupNorm(Device device, long groups, long channels) {
    this(device, DType.FLOAT32, groups, channels, 1e-5, true);
  }

  public GroupNorm(
      Device device, DType dtype, long groups, long channels, double epsilon, boolean affine) {
    super(device, dtype, affine, epsilon, channelsOf(channels, groups));
    this.groups = groups;
  }

  private static long channelsOf(long channels, long groups) {
    if (groups < 1 || channels % groups != 0) {
      throw new IllegalArgumentException(
          "expected a number of groups that divides " + channels + " channels, got " + groups);
    }
    return channels;
  }

  @Override
  public Var apply(Var x) {
    return Functions.groupNorm(x, groups, gamma(x.tape()), beta(x.tape()), epsilon());
  }
}
