// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import org.generatrix.binding.Coupling;

/** The density of independent elements at the end of a flow, in nats. */
public enum Base {
  /** None: nothing is added to the log-determinant. */
  NONE(Coupling.Base.NONE),
  /** log N(y; 0, 1) = -(y^2 + log 2 pi) / 2. */
  GAUSSIAN(Coupling.Base.GAUSSIAN),
  /** -|y| - 2 log(1 + e^-|y|), as NICE has it (Dinh, Krueger, Bengio 2015, section 3.4). */
  LOGISTIC(Coupling.Base.LOGISTIC);

  final Coupling.Base code;

  Base(Coupling.Base code) {
    this.code = code;
  }
}
