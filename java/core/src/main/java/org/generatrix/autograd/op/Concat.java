// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.tensor.Rearrange;
import org.generatrix.tensor.Shape;
import org.generatrix.tensor.Tensor;

/**
 * y = values one after the other along an axis, in which alone their shapes differ. The gradient of
 * each is its part of dy.
 */
public final class Concat extends Op {
  private final int axis;

  private Concat(int axis) {
    this.axis = axis;
  }

  /** -1 is the last axis. */
  public static Var of(int axis, Var... parts) {
    if (parts.length == 0) {
      throw new IllegalArgumentException("expected at least one value, got none");
    }
    long[][] shapes = Arrays.stream(parts).map(x -> Shape.of(x.value())).toArray(long[][]::new);
    int d = Shape.axis(axis, shapes[0].length);
    Tensor y = parts[0].tape().empty(parts[0].dtype(), Shape.concatenated(d, shapes));
    Rearrange.concat(d, Arrays.stream(parts).map(Var::value).toArray(Tensor[]::new), y);
    return new Concat(d).record(y, parts.clone());
  }

  /** Values of one shape along a new axis. */
  public static Var stacked(int axis, Var... parts) {
    if (parts.length == 0) {
      throw new IllegalArgumentException("expected at least one value, got none");
    }
    int d = Shape.axis(axis, Shape.of(parts[0].value()).length + 1);
    return of(
        d,
        Arrays.stream(parts)
            .map(x -> Reshape.of(x, Shape.inserted(Shape.of(x.value()), d)))
            .toArray(Var[]::new));
  }

  @Override
  protected void backward(Flow g) {
    long[] whole = Shape.of(g.output().value());
    long at = 0;
    for (int i = 0; at < whole[axis]; i++) {
      long extent = Shape.of(g.input(i).value())[axis];
      if (g.wants(i)) {
        g.add(i, Slice.narrow(g.gradient(), axis, at, extent));
      }
      at += extent;
    }
  }
}
