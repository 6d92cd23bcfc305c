// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Binary;
import org.generatrix.binding.Elementwise;
import org.generatrix.tensor.Tensor;

/**
 * y = x if x > 0, else slope x, a slope to learn for each channel or for all (He et al. 2015). dx =
 * dy or dy slope, dslope = the sum of dy min(x, 0).
 */
public final class Prelu extends Op {
  private Prelu() {}

  /** x [rows, C, ..], slope [C] or [1]. */
  public static Var of(Var x, Var slope) {
    long[] shape = x.shape();
    long[] seenAs = seenAs(shape, slope.size());
    if (slope.shape().length != 1
        || shape.length < 2
        || (slope.size() != 1 && slope.size() != shape[1])) {
      throw new IllegalArgumentException(
          "expected x [rows, C, ..] and slopes [C] or [1], got "
              + Arrays.toString(shape)
              + " and "
              + Arrays.toString(slope.shape()));
    }
    Tensor y = x.tape().empty(x.dtype(), shape);
    Elementwise.binary(
        x.tape().device(), Binary.PRELU, shape, seenAs, x.view(), slope.view(), y.view());
    return new Prelu().record(y, x, slope);
  }

  // [C, 1, ..] with as many axes as x has from its channels on.
  private static long[] seenAs(long[] shape, long slopes) {
    long[] seenAs = new long[Math.max(1, shape.length - 1)];
    Arrays.fill(seenAs, 1);
    seenAs[0] = slopes;
    return seenAs;
  }

  @Override
  protected void backward(Flow g) {
    Var slope = g.input(1);
    BinaryGradient.flow(Binary.PRELU, g, seenAs(g.input(0).shape(), slope.size()));
  }
}
