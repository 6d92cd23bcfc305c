// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.ArrayOps;
import org.generatrix.tensor.Region;
import org.generatrix.tensor.Shape;
import org.generatrix.tensor.Tensor;

/**
 * Parts of x along an axis, which together are all of it; views where they lie together. dx = their
 * gradients one after the other.
 */
public final class Split extends Op {
  private final int axis;
  private final int parts;

  private Split(int axis, int parts) {
    this.axis = axis;
    this.parts = parts;
  }

  /** Of the given lengths along an axis; -1 is the last one. */
  public static Var[] of(Var x, int axis, long... lengths) {
    long[] shape = Shape.of(x.value());
    int d = Shape.axis(axis, shape.length);
    if (lengths.length == 0 || Arrays.stream(lengths).sum() != shape[d]) {
      throw new IllegalArgumentException(
          "expected lengths that add up to %d, got %s"
              .formatted(shape[d], Arrays.toString(lengths)));
    }
    Region[] regions = new Region[lengths.length];
    long at = 0;
    for (int i = 0; i < lengths.length; i++) {
      regions[i] = Region.narrow(shape, d, at, lengths[i]);
      at += lengths[i];
    }
    Tensor[] y = Arrays.stream(regions).map(r -> Slice.value(x, r)).toArray(Tensor[]::new);
    return new Split(d, lengths.length).record(y, x);
  }

  @Override
  protected void backward(Flow g) {
    Var[] dy = new Var[parts];
    for (int i = 0; i < parts; i++) {
      dy[i] = g.gradient(i) == null ? zeros(g.output(i)) : g.gradient(i);
    }
    g.add(0, Concat.of(axis, dy));
  }

  private static Var zeros(Var like) {
    Tape tape = like.tape();
    Tensor zeros = tape.empty(like.dtype(), Shape.of(like.value()));
    ArrayOps.fill(tape.device(), 0, zeros.view());
    return tape.constant(zeros);
  }
}
