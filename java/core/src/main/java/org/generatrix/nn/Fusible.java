// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import org.generatrix.autograd.Var;
import org.generatrix.binding.Activation;

/** A layer whose kernel can apply an activation to its sums. */
public interface Fusible extends Layer {
  /**
   * f of what the layer makes of x.
   *
   * @param p of an activation that has a parameter
   */
  Var apply(Var x, Activation f, double p);

  @Override
  default Var apply(Var x) {
    return apply(x, Activation.NONE, 0);
  }

  /** f of what the layer makes of x, fused where the kernel can. */
  default Var apply(Var x, Nonlinearity f) {
    return f.after(this, x);
  }
}
