// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model;

import org.generatrix.tensor.Tensor;

/** A model whose likelihood can be computed. */
public interface ExactDensity {

  /**
   * log p(v) for each row, in nats, exact up to rounding. The same arguments give the same bits;
   * several threads may score one model.
   *
   * @param v float or bits, shape [n, visible units]; not modified
   */
  double[] logLikelihood(Tensor v);
}
