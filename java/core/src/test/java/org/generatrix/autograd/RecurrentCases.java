// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import java.util.stream.Stream;
import org.generatrix.autograd.op.Gru;
import org.generatrix.autograd.op.Lstm;
import org.generatrix.autograd.op.Rnn;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/** ORACLES.md 72: recurrent cells against scalar equations, gradients through five steps. */
final class RecurrentCases {
  private static final int ROWS = 2;
  private static final int UNITS = 3;

  private RecurrentCases() {}

  static Stream<OpCase> all() {
    return Stream.of(1, 5)
        .flatMap(
            t ->
                Stream.of(
                    rnn(t, 0, true),
                    rnn(t, 1, false),
                    gru(t, 0, true),
                    gru(t, 1, false),
                    lstm(t, 0, true),
                    lstm(t, 1, false),
                    lstm(t, 2, true)));
  }

  // x, h0, (c0), W, (b)
  private static OpCase inputs(OpCase op, int steps, int gates, boolean cells, boolean bias) {
    op.input(-1, 1, steps, ROWS, gates * UNITS).input(-1, 1, ROWS, UNITS);
    if (cells) {
      op.input(-1, 1, ROWS, UNITS);
    }
    op.input(-1, 1, gates * UNITS, UNITS);
    return bias ? op.input(-1, 1, gates * UNITS) : op;
  }

  private static OpCase rnn(int steps, int output, boolean bias) {
    OpCase op = OpCase.of(Rnn.class, steps + " steps, output " + output);
    return inputs(op, steps, 1, false, bias)
        .calls((tape, x) -> Rnn.of(x[0], x[1], x[2], bias ? x[3] : null)[output])
        .expects(
            x ->
                plain(
                    steps,
                    1,
                    x[0],
                    x[1],
                    null,
                    x[2],
                    bias ? x[3] : null,
                    output,
                    (a, p, h, c) -> Math.tanh(a[0] + p[0])))
        .refuses("[T, B, 1 U]", (tape, x) -> Rnn.of(zeros(tape, 2, 3), x[1], x[2], null)[0])
        .refuses(
            "at least one step", (tape, x) -> Rnn.of(zeros(tape, 0, 2, 3), x[1], x[2], null)[0])
        .refuses("first state [2, 3]", (tape, x) -> Rnn.of(x[0], zeros(tape, 3, 2), x[2], null)[0])
        .refuses("expected b [3]", (tape, x) -> Rnn.of(x[0], x[1], x[2], zeros(tape, 4))[0]);
  }

  private static OpCase gru(int steps, int output, boolean bias) {
    OpCase op = OpCase.of(Gru.class, steps + " steps, output " + output);
    return inputs(op, steps, 3, false, bias)
        .calls((tape, x) -> Gru.of(x[0], x[1], x[2], bias ? x[3] : null)[output])
        .expects(
            x ->
                plain(
                    steps,
                    3,
                    x[0],
                    x[1],
                    null,
                    x[2],
                    bias ? x[3] : null,
                    output,
                    (a, p, h, c) -> {
                      double r = sigmoid(a[0] + p[0]);
                      double z = sigmoid(a[1] + p[1]);
                      return (1 - z) * Math.tanh(a[2] + r * p[2]) + z * h;
                    }))
        .refuses("[T, B, 3 U]", (tape, x) -> Gru.of(zeros(tape, 1, 2, 6), x[1], x[2], null)[0])
        .refuses("first state [2, 3]", (tape, x) -> Gru.of(x[0], zeros(tape, 3), x[2], null)[0]);
  }

  private static OpCase lstm(int steps, int output, boolean bias) {
    OpCase op = OpCase.of(Lstm.class, steps + " steps, output " + output);
    return inputs(op, steps, 4, true, bias)
        .calls((tape, x) -> Lstm.of(x[0], x[1], x[2], x[3], bias ? x[4] : null)[output])
        .expects(
            x ->
                plain(
                    steps,
                    4,
                    x[0],
                    x[1],
                    x[2],
                    x[3],
                    bias ? x[4] : null,
                    output,
                    (a, p, h, c) -> {
                      c[0] =
                          sigmoid(a[1] + p[1]) * c[0]
                              + sigmoid(a[0] + p[0]) * Math.tanh(a[2] + p[2]);
                      return sigmoid(a[3] + p[3]) * Math.tanh(c[0]);
                    }))
        .refuses("W [4 U, U]", (tape, x) -> Lstm.of(x[0], x[1], x[2], zeros(tape, 12, 4), null)[0])
        .refuses(
            "first state [2, 3]",
            (tape, x) -> Lstm.of(x[0], x[1], zeros(tape, 1, 3), x[3], null)[0]);
  }

  /** One unit: pre-activations of the input and of the state, the state, the cell (changed). */
  private interface Cell {
    double next(double[] a, double[] p, double h, double[] c);
  }

  private static double[] plain(
      int steps,
      int gates,
      double[] x,
      double[] h0,
      double[] c0,
      double[] w,
      double[] b,
      int output,
      Cell cell) {
    double[] all = new double[steps * ROWS * UNITS];
    double[] h = h0.clone();
    double[] c = c0 == null ? new double[h.length] : c0.clone();
    for (int t = 0; t < steps; t++) {
      double[] next = new double[h.length];
      for (int r = 0; r < ROWS; r++) {
        for (int u = 0; u < UNITS; u++) {
          double[] a = new double[gates];
          double[] p = new double[gates];
          for (int k = 0; k < gates; k++) {
            int gate = k * UNITS + u;
            a[k] = x[(t * ROWS + r) * gates * UNITS + gate];
            p[k] = b == null ? 0 : b[gate];
            for (int v = 0; v < UNITS; v++) {
              p[k] += h[r * UNITS + v] * w[gate * UNITS + v];
            }
          }
          double[] state = {c[r * UNITS + u]};
          next[r * UNITS + u] = cell.next(a, p, h[r * UNITS + u], state);
          c[r * UNITS + u] = state[0];
        }
      }
      h = next;
      System.arraycopy(h, 0, all, t * h.length, h.length);
    }
    return output == 0 ? all : output == 1 ? h : c;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static Var zeros(Tape tape, long... shape) {
    return tape.constant(tape.own(Tensor.zeros(tape.device(), DType.FLOAT64, shape)));
  }
}
