// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.estimator;

import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.GaussianSample;

/**
 * The pathwise estimator (Kingma and Welling, "Auto-encoding variational Bayes", 2014, section 2.4;
 * Rezende, Mohamed, Wierstra, ICML 2014): a draw is written as a function of parameters and noise
 * that does not depend on them, so that grad E[f(z)] = E[f'(z) dz/dparameters] and an ordinary
 * backward pass through f estimates it.
 */
public final class Reparameterisation {
  private Reparameterisation() {}

  /** z ~ N(mean, e^logvar): mean + e^(logvar/2) eps with eps the tape's next normal draw. */
  public static Var gaussian(Var mean, Var logvar) {
    return GaussianSample.of(mean, logvar, Functions.normalLike(mean));
  }

  /**
   * z = location + scale noise, for any family of locations and scales: the noise is a draw of the
   * standard member. Operands are repeated by NumPy's rule.
   */
  public static Var locationScale(Var location, Var scale, Var noise) {
    return location.add(scale.mul(noise.detach()));
  }
}
