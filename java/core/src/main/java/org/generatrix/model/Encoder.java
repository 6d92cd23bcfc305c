// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model;

import org.generatrix.tensor.Tensor;

/** A model that maps data to features, deterministically. */
public interface Encoder {

  /**
   * The features of each row.
   *
   * @param v float or bits, shape [n, visible units]; not modified
   * @return float [n, features]; the caller closes it
   */
  Tensor encode(Tensor v);
}
