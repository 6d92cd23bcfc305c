// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Coupling;
import org.generatrix.tensor.Tensor;

/**
 * W = P L (U + diag(sign e^l)), or its inverse: the matrix of an invertible 1x1 convolution in its
 * LU form (Kingma and Dhariwal, "Glow", 2018, section 3.2, eq. 10), [n, n]. log |det W| = sum l. L
 * has a diagonal of ones and what stands strictly below that of {@code lower}, U what stands
 * strictly above that of {@code upper}; row i of P M is row permutation[i] of M.
 */
public final class InvertibleMatrix extends Op {
  private final long[] permutation;
  private final Tensor sign;
  private final boolean inverse;

  private InvertibleMatrix(long[] permutation, Tensor sign, boolean inverse) {
    this.permutation = permutation;
    this.sign = sign;
    this.inverse = inverse;
  }

  /**
   * @param permutation of 0 .. n - 1
   * @param lower [n, n], like upper; entries that are not read get no gradient
   * @param sign [n] of 1 and -1, which training leaves; borrowed
   * @param logScale l [n]
   */
  public static Var of(
      long[] permutation, Var lower, Var upper, Tensor sign, Var logScale, boolean inverse) {
    long n = permutation.length;
    requireSquare("lower", lower, n);
    requireSquare("upper", upper, n);
    AffineNorm.requireVector("sign", sign, n);
    AffineNorm.requireVector("logScale", logScale, n);
    Tensor w = lower.tape().empty(lower.dtype(), n, n);
    InvertibleMatrix op = new InvertibleMatrix(permutation.clone(), sign, inverse);
    Coupling.invertibleMatrix(
        lower.tape().device(),
        inverse,
        op.permutation,
        lower.view(),
        upper.view(),
        sign.view(),
        logScale.view(),
        w.view());
    return op.record(w, lower, upper, logScale);
  }

  private static void requireSquare(String name, Var v, long n) {
    if (!Arrays.equals(v.shape(), new long[] {n, n})) {
      throw Batch.shape(name, "[%d, %d]".formatted(n, n), v);
    }
  }

  @Override
  protected void backward(Flow g) {
    FusedGradient.add(
        g,
        3,
        (dw, d) ->
            Coupling.invertibleMatrixBackward(
                g.output().tape().device(),
                inverse,
                permutation,
                g.input(0).view(),
                g.input(1).view(),
                sign.view(),
                g.input(2).view(),
                dw,
                d[0],
                d[1],
                d[2]));
  }
}
