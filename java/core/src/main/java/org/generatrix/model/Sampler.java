// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model;

import org.generatrix.tensor.Tensor;

/** A model that can draw new data. */
public interface Sampler {

  /**
   * Draws states with the model's default effort. The same arguments give the same bits; several
   * threads may sample one model.
   *
   * @param n how many, at least 1
   * @return float or bits, shape [n, visible units]; the caller closes it
   */
  Tensor sample(int n, long seed);
}
