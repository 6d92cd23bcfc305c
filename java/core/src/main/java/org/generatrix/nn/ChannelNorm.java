// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * What the norms with a factor "weight" and an offset "bias" share, which begin at 1 and 0; named
 * as in PyTorch.
 */
abstract class ChannelNorm extends Module implements Layer {
  private final Tensor weight; // or null
  private final Tensor bias; // or null
  private final double epsilon;

  ChannelNorm(Device device, DType dtype, boolean affine, double epsilon, long... shape) {
    if (!(epsilon > 0 && epsilon < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("epsilon must be finite and above 0, got " + epsilon);
    }
    if (shape.length == 0) {
      throw new IllegalArgumentException("expected at least one axis to normalise, got none");
    }
    for (long size : shape) {
      if (size < 1) {
        throw new IllegalArgumentException("expected sizes of at least 1, got " + size);
      }
    }
    this.epsilon = epsilon;
    weight =
        affine
            ? parameter("weight", Tensor.zeros(device, dtype, shape), Initialiser.constant(1))
            : null;
    bias =
        affine ? parameter("bias", Tensor.zeros(device, dtype, shape), Initialiser.zeros()) : null;
  }

  final double epsilon() {
    return epsilon;
  }

  final Var gamma(Tape tape) {
    return weight == null ? null : tape.variable(weight);
  }

  final Var beta(Tape tape) {
    return bias == null ? null : tape.variable(bias);
  }

  /** gamma [channels], the parameter "weight"; null without. This layer's own. */
  public final Tensor weight() {
    return weight;
  }

  /** beta [channels], the parameter "bias"; null without. This layer's own. */
  public final Tensor bias() {
    return bias;
  }
}
