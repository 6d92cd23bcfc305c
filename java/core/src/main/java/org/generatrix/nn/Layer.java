// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import org.generatrix.autograd.Var;

/**
 * A map of a value to a value of the same tape. It changes nothing but the tape, so that several
 * threads may apply the same layer at once; only what keeps statistics in training (batch norm) is
 * an exception, and says so.
 */
@FunctionalInterface
public interface Layer {
  Var apply(Var x);
}
