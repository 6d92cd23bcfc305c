// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import java.util.Objects;

/**
 * A value on its way through a flow, and the log-determinant of the way so far.
 *
 * @param value [n, ..]
 * @param logDet log |det| of each example's map in nats, FLOAT64 [n], whatever the type of the
 *     value; never null
 */
public record Mapped(Var value, Var logDet) {
  public Mapped {
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(logDet, "logDet");
  }
}
