// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import org.generatrix.autograd.Resampling;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.Window;
import org.generatrix.nn.Layer;

/** The mean of each window; torch.nn.AvgPool2d. */
public record AveragePool(Window window) implements Layer {
  /** Squares of so many pixels that do not overlap. */
  public static AveragePool of(int size) {
    return new AveragePool(Window.of(size, size).stride(size));
  }

  @Override
  public Var apply(Var x) {
    return Resampling.averagePool(x, window);
  }
}
