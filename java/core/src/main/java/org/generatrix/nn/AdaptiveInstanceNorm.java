// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Var;

/**
 * Adaptive instance norm (Huang and Belongie 2017): the content [examples, channels, ..] takes on
 * the mean and deviation of the style, for each example and channel. It has no parameters.
 *
 * @param epsilon of both deviations, above 0
 */
public record AdaptiveInstanceNorm(double epsilon) {
  /** Epsilon 1e-5. */
  public AdaptiveInstanceNorm() {
    this(1e-5);
  }

  public Var apply(Var content, Var style) {
    return Functions.adaptiveInstanceNorm(content, style, epsilon);
  }
}
