// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import static org.generatrix.autograd.Functions.linear;
import static org.generatrix.autograd.Functions.matmul;

import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.generatrix.autograd.op.Affine;
import org.generatrix.autograd.op.MatMul;
import org.generatrix.binding.Activation;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/** Products of matrices and dense layers. */
final class DenseCases {
  private DenseCases() {}

  static Stream<OpCase> all() {
    return Stream.of(products(), layers()).flatMap(s -> s);
  }

  // --- products ---

  private static Stream<OpCase> products() {
    return Stream.of(
        product(false, false, 1, 3, 4, 5),
        product(true, false, 1, 3, 4, 5),
        product(false, true, 1, 3, 4, 5),
        product(true, true, 1, 3, 4, 5),
        product(false, false, 2, 3, 1, 2),
        product(true, false, 2, 3, 2, 2),
        product(false, true, 2, 1, 3, 2),
        product(true, true, 2, 2, 3, 4),
        product(false, false, 1, 2, 3, 0),
        shared(false, false, true),
        shared(false, true, true),
        shared(true, false, true),
        shared(true, true, true),
        shared(false, false, false),
        shared(true, false, false),
        shared(false, true, false),
        OpCase.of(MatMul.class, "of a value with itself")
            .input(-1, 1, 3, 3)
            .calls((tape, x) -> x[0].matmul(x[0]))
            .expects(x -> plain(x[0], x[0], 1, 3, 3, 3, false, false, false, false))
            .twiceDifferentiable());
  }

  private static OpCase product(boolean ta, boolean tb, int batch, int m, int n, int k) {
    return refusing(
        OpCase.of(MatMul.class, "%d x [%d, %d, %d] %s %s".formatted(batch, m, n, k, ta, tb))
            .input(-1, 1, shape(batch, ta ? k : m, ta ? m : k))
            .input(-1, 1, shape(batch, tb ? n : k, tb ? k : n))
            .calls((tape, x) -> matmul(x[0], x[1], ta, tb))
            .expects(x -> plain(x[0], x[1], batch, m, n, k, ta, tb, false, false))
            .twiceDifferentiable());
  }

  private static long[] shape(int batch, int rows, int columns) {
    return batch == 1 ? new long[] {rows, columns} : new long[] {1, batch, rows, columns};
  }

  /** Three matrices on one side, one on the other. */
  private static OpCase shared(boolean ta, boolean tb, boolean sharedB) {
    int m = 2;
    int n = 4;
    int k = 3;
    return OpCase.of(MatMul.class, (sharedB ? "shared B " : "shared A ") + ta + " " + tb)
        .input(-1, 1, shape(sharedB ? 3 : 1, ta ? k : m, ta ? m : k))
        .input(-1, 1, shape(sharedB ? 1 : 3, tb ? n : k, tb ? k : n))
        .calls((tape, x) -> matmul(x[0], x[1], ta, tb))
        .expects(x -> plain(x[0], x[1], 3, m, n, k, ta, tb, !sharedB, sharedB))
        .twiceDifferentiable();
  }

  private static OpCase refusing(OpCase op) {
    return op.refuses(
            "[.., m, k] and [.., k, n]", (tape, x) -> matmul(zeros(tape, 2, 3), zeros(tape, 2, 3)))
        .refuses(
            "[3, 2] transposed",
            (tape, x) -> matmul(zeros(tape, 3, 2), zeros(tape, 2, 3), true, false))
        .refuses("got [3]", (tape, x) -> matmul(zeros(tape, 3), zeros(tape, 3, 3)))
        .refuses("axes in front", (tape, x) -> matmul(zeros(tape, 2, 3, 3), zeros(tape, 4, 3, 3)))
        .refuses("like the others", (tape, x) -> matmul(zeros(tape, 3, 3), floats(tape, 3, 3)))
        .refuses("FLOAT32 or FLOAT64", (tape, x) -> matmul(bits(tape), bits(tape), true, false));
  }

  private static double[] plain(
      double[] a,
      double[] b,
      int batch,
      int m,
      int n,
      int k,
      boolean ta,
      boolean tb,
      boolean sharedA,
      boolean sharedB) {
    double[] c = new double[batch * m * n];
    for (int s = 0; s < batch; s++) {
      int atA = sharedA ? 0 : s * m * k;
      int atB = sharedB ? 0 : s * k * n;
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          for (int l = 0; l < k; l++) {
            c[(s * m + i) * n + j] +=
                a[atA + (ta ? l * m + i : i * k + l)] * b[atB + (tb ? j * k + l : l * n + j)];
          }
        }
      }
    }
    return c;
  }

  // --- layers ---

  private static Stream<OpCase> layers() {
    return Stream.of(
        layer(Activation.NONE, 0, true, z -> z, 3, 4).twiceDifferentiable(),
        layer(Activation.NONE, 0, false, z -> z, 2, 3, 4).twiceDifferentiable(),
        layer(Activation.NONE, 0, true, z -> z, 4).twiceDifferentiable(),
        layer(Activation.TANH, 0, true, Math::tanh, 3, 4).twiceDifferentiable(),
        layer(Activation.TANH, 0, true, Math::tanh, 4).twiceDifferentiable(),
        layer(Activation.SIGMOID, 0, true, z -> 1 / (1 + Math.exp(-z)), 3, 4).twiceDifferentiable(),
        layer(Activation.RELU, 0, true, z -> Math.max(z, 0), 3, 4).twiceDifferentiable(),
        layer(Activation.LEAKY_RELU, 0.2, true, z -> z > 0 ? z : 0.2 * z, 3, 4)
            .twiceDifferentiable(),
        layer(Activation.ELU, 0.7, true, z -> z > 0 ? z : 0.7 * Math.expm1(z), 3, 4)
            .twiceDifferentiable(),
        layer(Activation.SOFTPLUS, 0, true, z -> Math.log1p(Math.exp(z)), 3, 4)
            .twiceDifferentiable());
  }

  private static OpCase layer(
      Activation f, double p, boolean withBias, DoubleUnaryOperator plain, long... shapeOfX) {
    int in = 4;
    int out = 3;
    OpCase op =
        OpCase.of(Affine.class, f + " " + java.util.Arrays.toString(shapeOfX))
            .input(-1, 1, shapeOfX)
            .input(-1, 1, out, in);
    if (withBias) {
      op.input(-1, 1, out);
    }
    return op.calls((tape, x) -> linear(x[0], x[1], withBias ? x[2] : null, f, p))
        .expects(
            x -> {
              double[] y = new double[x[0].length / in * out];
              for (int r = 0; r < x[0].length / in; r++) {
                for (int o = 0; o < out; o++) {
                  double z = withBias ? x[2][o] : 0;
                  for (int i = 0; i < in; i++) {
                    z += x[0][r * in + i] * x[1][o * in + i];
                  }
                  y[r * out + o] = plain.applyAsDouble(z);
                }
              }
              return y;
            })
        .refuses("W [out, in]", (tape, x) -> linear(x[0], zeros(tape, 4, 3), null))
        .refuses("W [out, in]", (tape, x) -> linear(zeros(tape), x[1], null))
        .refuses("W [out, in]", (tape, x) -> linear(x[0], zeros(tape, 4), null))
        .refuses("expected b [3]", (tape, x) -> linear(x[0], x[1], zeros(tape, 4), f))
        .refuses("expected b [3]", (tape, x) -> linear(x[0], x[1], zeros(tape, 1, 3), f))
        .refuses("activation_p", (tape, x) -> linear(x[0], x[1], null, f, -1))
        .refuses("like the others", (tape, x) -> linear(x[0], floats(tape, 3, 4), null));
  }

  private static Var zeros(Tape tape, long... shape) {
    return tape.constant(tape.own(Tensor.zeros(tape.device(), DType.FLOAT64, shape)));
  }

  private static Var floats(Tape tape, long... shape) {
    return tape.constant(tape.own(Tensor.zeros(tape.device(), shape)));
  }

  private static Var bits(Tape tape) {
    return tape.constant(tape.own(Tensor.bits(tape.device(), 2, 3)));
  }
}
