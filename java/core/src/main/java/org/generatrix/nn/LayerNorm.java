// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;

/**
 * Layer norm over the trailing axes of x (Ba, Kiros, Hinton 2016), the same in training and
 * evaluation.
 */
public final class LayerNorm extends ChannelNorm {
  private final int axes;

  /**
   * Epsilon 1e-5, with weight and bias.
   *
   * @param shape of the trailing axes
   */
  public LayerNorm(Device device, long... shape) {
    this(device, DType.FLOAT32, 1e-5, true, shape);
  }

  public LayerNorm(Device device, DType dtype, double epsilon, boolean affine, long... shape) {
    super(device, dtype, affine, epsilon, shape);
    axes = shape.length;
  }

  @Override
  public Var apply(Var x) {
    return Functions.layerNorm(x, axes, gamma(x.tape()), beta(x.tape()), epsilon());
  }
}
