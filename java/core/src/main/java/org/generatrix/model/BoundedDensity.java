// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model;

import org.generatrix.tensor.Tensor;

/** A model whose likelihood is known from below. */
public interface BoundedDensity {

  /**
   * An estimate of log p(v) for each row, in nats, whose expectation is a lower bound that more
   * samples tighten. The same arguments give the same bits; several threads may score one model.
   *
   * @param v float or bits, shape [n, visible units]; not modified
   * @param samples for each row, at least 1
   */
  double[] logLikelihood(Tensor v, int samples, long seed);
}
