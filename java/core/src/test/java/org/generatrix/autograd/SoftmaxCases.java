// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import java.util.Arrays;
import java.util.stream.Stream;
import org.generatrix.autograd.op.LogSoftmax;
import org.generatrix.autograd.op.LogSumExp;
import org.generatrix.autograd.op.Softmax;

/** Operations along one axis. */
final class SoftmaxCases {
  private SoftmaxCases() {}

  static Stream<OpCase> all() {
    return Stream.of(0, 1, -1).flatMap(SoftmaxCases::along);
  }

  private interface AlongAxis {
    Var of(Var x, int axis);
  }

  private static Stream<OpCase> along(int axis) {
    int at = Math.floorMod(axis, 3);
    return Stream.of(
        along(
            Softmax.class,
            Softmax::of,
            axis,
            x -> {
              double[] lse = logSumExp(x, at);
              double[] y = new double[24];
              Arrays.setAll(y, i -> Math.exp(x[i] - lse[output(i, at)]));
              return y;
            }),
        along(
            LogSoftmax.class,
            LogSoftmax::of,
            axis,
            x -> {
              double[] lse = logSumExp(x, at);
              double[] y = new double[24];
              Arrays.setAll(y, i -> x[i] - lse[output(i, at)]);
              return y;
            }),
        along(LogSumExp.class, LogSumExp::of, axis, x -> logSumExp(x, at)));
  }

  private static OpCase along(
      Class<? extends Op> op,
      AlongAxis f,
      int axis,
      java.util.function.UnaryOperator<double[]> plain) {
    return OpCase.of(op, "[2, 3, 4] along " + axis)
        .input(-3, 3, 2, 3, 4)
        .calls((tape, x) -> f.of(x[0], axis))
        .expects(x -> plain.apply(x[0]))
        .twiceDifferentiable()
        .refuses("different axes", (tape, x) -> f.of(x[0], 3));
  }

  // Where element i of [2, 3, 4] goes when an axis goes.
  private static int output(int i, int axis) {
    return switch (axis) {
      case 0 -> i % 12;
      case 1 -> i / 12 * 4 + i % 4;
      default -> i / 4;
    };
  }

  private static double[] logSumExp(double[] x, int axis) {
    double[] sums = new double[axis == 0 ? 12 : axis == 1 ? 8 : 6];
    for (int i = 0; i < 24; i++) {
      sums[output(i, axis)] += Math.exp(x[i]);
    }
    return Arrays.stream(sums).map(Math::log).toArray();
  }
}
