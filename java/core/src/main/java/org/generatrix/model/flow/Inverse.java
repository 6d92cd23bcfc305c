// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import java.util.Objects;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Var;

/** A transform turned round: its forward is the other's inverse. The other is its part "of". */
public final class Inverse extends Transform {
  private final Transform of;

  public Inverse(Transform of) {
    this.of = child("of", Objects.requireNonNull(of, "of"));
  }

  @Override
  public Mapped forward(Var x, Var logDet, Var context) {
    return of.inverse(x, logDet, context);
  }

  @Override
  public Mapped inverse(Var y, Var logDet, Var context) {
    return of.forward(y, logDet, context);
  }

  @Override
  public long[] forwardShape(long... example) {
    return of.inverseShape(example);
  }

  @Override
  public long[] inverseShape(long... example) {
    return of.forwardShape(example);
  }
}
