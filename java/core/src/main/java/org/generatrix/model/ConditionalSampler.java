// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model;

import org.generatrix.tensor.Tensor;

/** A model that can fill in what is missing, given what is observed. */
public interface ConditionalSampler {

  /**
   * Keeps the observed entries of each row and draws the others given them, with the model's
   * default effort. What {@code v} holds at the entries that are not observed has no influence, so
   * that it may be NaN.
   *
   * @param v float or bits, shape [n, visible units]; not modified
   * @param observed 1 where an entry is given: float or bits, [1, visible units] for all rows or
   *     [n, visible units]
   * @return float [n, visible units]: the kept values, and elsewhere the model's draws or its
   *     expectation, as the model says; the caller closes it
   */
  Tensor inpaint(Tensor v, Tensor observed, long seed);
}
