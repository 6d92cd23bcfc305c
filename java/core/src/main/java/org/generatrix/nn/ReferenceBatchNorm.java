// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;

/**
 * Reference ("virtual") batch norm of x [examples, channels, ..] (Salimans et al. 2016). The model
 * passes a reference batch, chosen once, in front of every batch, in training and in evaluation:
 * the first examples of x. It keeps no statistics and writes nothing.
 */
public final class ReferenceBatchNorm extends ChannelNorm {
  private final long references;

  /**
   * Epsilon 1e-5.
   *
   * @param references the examples of the reference batch, at least 1
   */
  public ReferenceBatchNorm(Device device, long channels, long references) {
    this(device, DType.FLOAT32, channels, references, 1e-5);
  }

  public ReferenceBatchNorm(
      Device device, DType dtype, long channels, long references, double epsilon) {
    super(device, dtype, true, epsilon, channelsOf(channels, references));
    this.references = references;
  }

  private static long channelsOf(long channels, long references) {
    if (references < 1) {
      throw new IllegalArgumentException(
          "expected a reference batch of at least 1 example, got " + references);
    }
    return channels;
  }

  @Override
  public Var apply(Var x) {
    return Functions.referenceBatchNorm(x, references, gamma(x.tape()), beta(x.tape()), epsilon());
  }
}
