// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Linear;
import org.generatrix.tensor.Tensor;

/**
 * C = op(A) op(B) for matrices [m, k] and [k, n], op(X) = X or its transpose; with more axes in
 * front, for each of their matrices. Both operands have the same axes in front, or one of them has
 * none and is used for all. dop(A) = dC op(B)', dop(B) = op(A)' dC.
 */
public final class MatMul extends Op {
  private final Linear.Product p;

  private MatMul(Linear.Product p) {
    this.p = p;
  }

  /** C = A B. */
  public static Var of(Var a, Var b) {
    return of(a, b, false, false);
  }

  public static Var of(Var a, Var b, boolean transposeA, boolean transposeB) {
    long[] x = a.shape();
    long[] y = b.shape();
    if (x.length < 2 || y.length < 2) {
      throw mismatch(a, b, transposeA, transposeB);
    }
    long m = x[x.length - (transposeA ? 1 : 2)];
    long k = x[x.length - (transposeA ? 2 : 1)];
    long n = y[y.length - (transposeB ? 2 : 1)];
    long[] frontOfA = Arrays.copyOf(x, x.length - 2);
    long[] frontOfB = Arrays.copyOf(y, y.length - 2);
    boolean shared = x.length == 2 || y.length == 2;
    if (k != y[y.length - (transposeB ? 1 : 2)] || !(shared || Arrays.equals(frontOfA, frontOfB))) {
      throw mismatch(a, b, transposeA, transposeB);
    }
    long[] front = x.length == 2 ? frontOfB : frontOfA;
    long[] shape = Arrays.copyOf(front, front.length + 2);
    shape[front.length] = m;
    shape[front.length + 1] = n;
    if (y.length == 2 && !transposeA) { // rows of all matrices are rows of one
      return of(
          a,
          b,
          new Linear.Product(1, count(front) * m, n, k, false, transposeB, false, false),
          shape);
    }
    return of(
        a,
        b,
        new Linear.Product(
            count(front),
            m,
            n,
            k,
            transposeA,
            transposeB,
            x.length == 2 && y.length > 2,
            y.length == 2 && x.length > 2),
        shape);
  }

  /** A' B over all rows of both: [.., m] and [.., n] to [m, n], as in the gradient of a weight. */
  static Var overRows(Var a, Var b) {
    long m = a.shape()[a.shape().length - 1];
    long n = b.shape()[b.shape().length - 1];
    long rows = rows(a.shape());
    return of(a, b, new Linear.Product(1, m, n, rows, true, false, false, false), m, n);
  }

  /** Every row of x [.., k] times B [k, n]. */
  static Var rowsTimes(Var x, Var b) {
    long[] shape = x.shape();
    long k = b.shape()[0];
    long n = b.shape()[1];
    shape[shape.length - 1] = n;
    return of(x, b, new Linear.Product(1, rows(shape), n, k, false, false, false, false), shape);
  }

  /** Rows along the last axis. */
  static long rows(long... shape) {
    return count(Arrays.copyOf(shape, shape.length - 1));
  }

  private static long count(long... shape) {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  private static Var of(Var a, Var b, Linear.Product p, long... shape) {
    Tensor c = a.tape().empty(a.dtype(), shape);
    Linear.matmul(a.tape().device(), p, false, a.view(), b.view(), c.view());
    return new MatMul(p).record(c, a, b);
  }

  private static IllegalArgumentException mismatch(Var a, Var b, boolean ta, boolean tb) {
    return new IllegalArgumentException(
        "expected matrices [.., m, k] and [.., k, n] with the same axes in front or none, got %s%s and %s%s"
            .formatted(
                Arrays.toString(a.shape()),
                ta ? " transposed" : "",
                Arrays.toString(b.shape()),
                tb ? " transposed" : ""));
  }

  @Override
  protected void backward(Flow g) {
    Var a = g.input(0);
    Var b = g.input(1);
    Var dc = g.gradient();
    if (g.wants(0)) {
      g.add(
          0,
          p.transposeA()
              ? gradient(
                  b,
                  dc,
                  p.k(),
                  p.n(),
                  p.m(),
                  p.transposeB(),
                  true,
                  p.sharedB(),
                  false,
                  p.sharedA(),
                  a)
              : gradient(
                  dc,
                  b,
                  p.m(),
                  p.n(),
                  p.k(),
                  false,
                  !p.transposeB(),
                  false,
                  p.sharedB(),
                  p.sharedA(),
                  a));
    }
    if (g.wants(1)) {
      g.add(
          1,
          p.transposeB()
              ? gradient(
                  dc,
                  a,
                  p.n(),
                  p.m(),
                  p.k(),
                  true,
                  p.transposeA(),
                  false,
                  p.sharedA(),
                  p.sharedB(),
                  b)
              : gradient(
                  a,
                  dc,
                  p.k(),
                  p.m(),
                  p.n(),
                  !p.transposeA(),
                  false,
                  p.sharedA(),
                  false,
                  p.sharedB(),
                  b));
    }
  }

  // [rows, depth] times [depth, columns] for each matrix, summed over them if `like` is shared.
  private Var gradient(
      Var x,
      Var y,
      long rows,
      long depth,
      long columns,
      boolean transposeX,
      boolean transposeY,
      boolean sharedX,
      boolean sharedY,
      boolean sum,
      Var like) {
    Linear.Product product =
        new Linear.Product(
            p.batch(), rows, columns, depth, transposeX, transposeY, sharedX, sharedY);
    return sum
        ? Sum.to(of(x, y, product, p.batch(), rows, columns), like.shape())
        : of(x, y, product, like.shape());
  }
}
