// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import java.util.List;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.Base;

/**
 * Transforms one after the other, the first one first: log-determinants add up. Its parts are named
 * "0", "1", ..; of none it is the identity.
 */
public final class Compose extends Transform {
  private final List<Transform> parts;

  public Compose(List<? extends Transform> parts) {
    this.parts = List.copyOf(parts);
    for (int i = 0; i < this.parts.size(); i++) {
      child(String.valueOf(i), this.parts.get(i));
    }
  }

  public Compose(Transform... parts) {
    this(List.of(parts));
  }

  public List<Transform> parts() {
    return parts;
  }

  @Override
  public Mapped forward(Var x, Var logDet, Var context) {
    return forwardUnder(Base.NONE, x, logDet, context);
  }

  @Override
  public Mapped forwardUnder(Base base, Var x, Var logDet, Var context) {
    if (parts.isEmpty()) {
      return base == Base.NONE
          ? new Mapped(x, gathered(x, logDet))
          : super.forwardUnder(base, x, logDet, context);
    }
    Var value = x;
    Var sum = logDet;
    int last = parts.size() - 1;
    for (int i = 0; i < last; i++) {
      Mapped y = parts.get(i).forward(value, sum, context);
      value = y.value();
      sum = y.logDet();
    }
    return base == Base.NONE
        ? parts.get(last).forward(value, sum, context)
        : parts.get(last).forwardUnder(base, value, sum, context);
  }

  @Override
  public Mapped inverse(Var y, Var logDet, Var context) {
    Var value = y;
    Var sum = logDet;
    for (int i = parts.size() - 1; i >= 0; i--) {
      Mapped x = parts.get(i).inverse(value, sum, context);
      value = x.value();
      sum = x.logDet();
    }
    return new Mapped(value, gathered(value, sum));
  }

  @Override
  public long[] forwardShape(long... example) {
    long[] shape = example;
    for (Transform part : parts) {
      shape = part.forwardShape(shape);
    }
    return shape;
  }

  @Override
  public long[] inverseShape(long... example) {
    long[] shape = example;
    for (int i = parts.size() - 1; i >= 0; i--) {
      shape = parts.get(i).inverseShape(shape);
    }
    return shape;
  }
}
