// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import org.generatrix.autograd.Resampling;
import org.generatrix.autograd.Var;
import org.generatrix.nn.Layer;
import org.generatrix.nn.Module;

/**
 * Twice the height and width by bilinear interpolation, every four neighbouring channels added up
 * to one; and the same beside another layer that makes as much of x, as a residual-like connection:
 * y = bilinearAdditive(x) + branch(x) (Wojna et al., "The devil is in the decoder", 2017).
 */
public final class BilinearAdditiveUpsample extends Module implements Layer {
  private final Layer branch; // or null

  /** Without parameters. */
  public BilinearAdditiveUpsample() {
    branch = null;
  }

  /**
   * @param branch from C channels to C / 4 of twice the size; "branch" if it is a module
   */
  public BilinearAdditiveUpsample(Layer branch) {
    this.branch = branch;
    if (branch instanceof Module module) {
      child("branch", module);
    }
  }

  @Override
  public Var apply(Var x) {
    Var y = Resampling.bilinearAdditive(x);
    return branch == null ? y : y.add(branch.apply(x));
  }
}
