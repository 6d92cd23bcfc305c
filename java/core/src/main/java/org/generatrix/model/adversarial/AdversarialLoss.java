// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.adversarial;

import static org.generatrix.autograd.Functions.softplus;

import org.generatrix.autograd.Var;

/**
 * What the two networks minimise, from the discriminator's log-odds that its input is data: D =
 * sigmoid(logits). Goodfellow et al., "Generative adversarial nets", 2014, section 3.
 */
public enum AdversarialLoss {
  /** The generator maximises E log D(G(z)), whose gradient is large where it is losing. */
  NON_SATURATING {
    @Override
    public Var generator(Var fake) {
      return softplus(fake.neg()).mean();
    }
  },
  /** The generator minimises E log(1 - D(G(z))): the game of equation 1, of one value. */
  MINIMAX {
    @Override
    public Var generator(Var fake) {
      return softplus(fake).mean().neg();
    }
  };

  /**
   * The generator's loss.
   *
   * @param fake log-odds of generated examples [n]
   */
  public abstract Var generator(Var fake);

  /**
   * The discriminator's loss, the same for both: -E log D(x) - E log(1 - D(G(z))).
   *
   * @param real log-odds of data [n]
   * @param fake log-odds of generated examples [m]
   * @param smoothing a: data are to be told with probability 1 - a instead of 1 (one-sided label
   *     smoothing: Salimans et al., "Improved techniques for training GANs", 2016, section 3.4); 0
   *     for none
   */
  public static Var discriminator(Var real, Var fake, double smoothing) {
    Var ofData = softplus(real.neg()).mean(); // -log D; -log(1 - D) is larger by the log-odds
    if (smoothing > 0) {
      ofData = ofData.add(real.mean().mul(smoothing));
    }
    return ofData.add(softplus(fake).mean());
  }
}
