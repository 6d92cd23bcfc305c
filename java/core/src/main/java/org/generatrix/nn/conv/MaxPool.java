// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import org.generatrix.autograd.Resampling;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.Window;
import org.generatrix.nn.Layer;

/** The greatest pixel of each window; torch.nn.MaxPool2d. */
public record MaxPool(Window window) implements Layer {
  /** Squares of so many pixels that do not overlap. */
  public static MaxPool of(int size) {
    return new MaxPool(Window.of(size, size).stride(size));
  }

  @Override
  public Var apply(Var x) {
    return Resampling.maxPool(x, window);
  }
}
