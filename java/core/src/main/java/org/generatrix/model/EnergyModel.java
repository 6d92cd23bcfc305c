// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model;

import org.generatrix.tensor.Tensor;

/** A model that knows each state's log-probability up to one constant: log p(v) = -F(v) - log Z. */
public interface EnergyModel {

  /**
   * The free energies F(v), with everything hidden summed out.
   *
   * @param v float or bits, shape [n, visible units]; not modified
   * @return n values in nats
   */
  double[] freeEnergy(Tensor v);
}
