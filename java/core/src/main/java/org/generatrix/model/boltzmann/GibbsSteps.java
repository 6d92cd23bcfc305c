// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import org.generatrix.binding.Device;
import org.generatrix.binding.DeviceBuffer;
import org.generatrix.binding.Gibbs;
import org.generatrix.binding.Layer;
import org.generatrix.binding.RbmParameters;
import org.generatrix.binding.Rng;
import org.generatrix.binding.States;
import org.generatrix.tensor.Tensor;

/**
 * The calls of the Gibbs kernels that machines and their trainers make, without what they never
 * set.
 */
final class GibbsSteps {
  static final Rng NO_DRAWS = new Rng(0, 0);

  private GibbsSteps() {}

  /** Probabilities of a layer into p and draws from them into the sample; either may be null. */
  static void layer(
      Device device,
      RbmParameters rbm,
      Layer layer,
      States given,
      Rng rng,
      DeviceBuffer p,
      States sample) {
    Gibbs.layerSample(device, rbm, layer, given, 1f, null, rng, null, p, sample);
  }

  /**
   * Chains from v to v.
   *
   * @param observed what stays fixed, or null
   * @param pV the probabilities of the last visible draw, or null
   */
  static void chain(
      Device device,
      RbmParameters rbm,
      int steps,
      Rng rng,
      Tensor v,
      Tensor observed,
      DeviceBuffer pV) {
    States mask = observed == null ? null : observed.states();
    Gibbs.chain(device, rbm, steps, 1f, null, rng, v.states(), mask, null, pV, null);
  }

  /** Draws the units that are not observed from what b alone says: a step without weights. */
  static void drawFromBiases(Rbm rbm, Tensor v, Tensor observed, Rng rng) {
    Device device = rbm.device();
    int visible = rbm.config().visible();
    try (Tensor noWeights = Tensor.zeros(device, visible, 1);
        Tensor noBias = Tensor.zeros(device, 1)) {
      RbmParameters biases =
          new RbmParameters(
              visible, 1, noWeights.buffer(), rbm.b().buffer(), noBias.buffer(), null, null);
      chain(device, biases, 1, rng, v, observed, null);
    }
  }

  /** Such draws of all units, bits [n, visible]: where chains start. */
  static Tensor noise(Rbm rbm, int n, Rng rng) {
    Tensor v = Tensor.bits(rbm.device(), n, rbm.config().visible());
    try {
      drawFromBiases(rbm, v, null, rng);
      return v;
    } catch (RuntimeException e) {
      v.close();
      throw e;
    }
  }
}
