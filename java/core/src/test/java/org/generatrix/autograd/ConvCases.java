// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import static org.generatrix.autograd.Convolutions.conv;
import static org.generatrix.autograd.Convolutions.convTranspose;
import static org.generatrix.autograd.Convolutions.convTransposeWeightGradient;
import static org.generatrix.autograd.Convolutions.convWeightGradient;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.generatrix.autograd.op.ConvWeightGradient;
import org.generatrix.autograd.op.Convolution;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Activation;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/** Convolutions of either direction, and the gradient of their weights. */
final class ConvCases {
  private static final TapMask ALL = TapMask.all();

  private ConvCases() {}

  static Stream<OpCase> all() {
    return Stream.of(plain(), transposed(), masked(), activated(), empty()).flatMap(s -> s);
  }

  // --- cases ---

  private static Stream<OpCase> plain() {
    return Stream.of(
            new Plan(2, 2, 3, Window.of(3), ALL, false, 6),
            new Plan(1, 2, 2, Window.of(3).stride(2).padding(2).dilation(2), ALL, false, 7),
            new Plan(2, 2, 3, Window.of(3, 2), ALL, false, 4, 5),
            new Plan(1, 2, 2, Window.of(3, 3).stride(2).padding(1), ALL, false, 4, 5),
            new Plan(1, 2, 2, Window.of(3, 3).stride(3, 2), ALL, false, 7, 4),
            new Plan(1, 4, 6, Window.of(2, 3).groups(2), ALL, false, 3, 4),
            new Plan(1, 3, 3, Window.of(3, 3).groups(3).padding(1), ALL, false, 2, 3),
            new Plan(1, 3, 2, Window.of(1, 1), ALL, false, 2, 2),
            new Plan(1, 2, 2, Window.of(2, 1, 2).stride(1, 2, 1), ALL, false, 3, 3, 2))
        .flatMap(Plan::cases);
  }

  private static Stream<OpCase> transposed() {
    return Stream.of(
            new Plan(2, 2, 3, Window.of(3).stride(2).padding(1).outputPadding(1), ALL, true, 3),
            new Plan(1, 2, 2, Window.of(4, 4).stride(2).padding(1), ALL, true, 2, 3),
            new Plan(1, 2, 2, Window.of(3, 2).stride(2, 3).outputPadding(1, 2), ALL, true, 2, 2),
            new Plan(1, 2, 2, Window.of(2, 2).dilation(3, 2).outputPadding(2, 1), ALL, true, 2, 3),
            new Plan(
                1, 2, 2, Window.of(2, 2).stride(2).dilation(5).outputPadding(4), ALL, true, 1, 2),
            new Plan(1, 4, 6, Window.of(2, 3).stride(2).groups(2), ALL, true, 2, 2),
            new Plan(1, 2, 2, Window.of(2, 2, 1).stride(2), ALL, true, 2, 1, 2))
        .flatMap(Plan::cases);
  }

  private static Stream<OpCase> masked() {
    Window three = Window.of(3, 3).padding(1);
    return Stream.of(
            new Plan(1, 2, 2, three, TapMask.causal(three, false, 1), false, 3, 3),
            new Plan(1, 2, 2, three, TapMask.causal(three, true, 1), false, 3, 3),
            new Plan(1, 4, 2, three, TapMask.causal(three, false, 2), false, 2, 3),
            new Plan(1, 3, 6, three, TapMask.causal(three, true, 3), false, 2, 2),
            new Plan(1, 2, 2, three, TapMask.topHalf(three, false), false, 3, 3),
            new Plan(1, 2, 2, three, TapMask.topHalf(three, true), false, 3, 3),
            new Plan(
                1, 2, 2, Window.of(1, 3), TapMask.leftHalf(Window.of(1, 3), true), false, 2, 4),
            new Plan(1, 2, 2, Window.of(2, 2).stride(2), TapMask.of(3, 1), true, 2, 2),
            new Plan(1, 2, 4, three, TapMask.causal(three, true, 2), true, 2, 2))
        .flatMap(Plan::cases);
  }

  private static Stream<OpCase> empty() {
    return Stream.of(
        new Plan(0, 2, 2, Window.of(2, 2), ALL, false, 3, 3).convolution(),
        new Plan(0, 2, 2, Window.of(2, 2), ALL, true, 3, 3).weightGradient());
  }

  private static Stream<OpCase> activated() {
    return Arrays.stream(Activation.values())
        .flatMap(
            f ->
                Stream.of(
                    activated(f, new Plan(2, 2, 2, Window.of(2, 2), ALL, false, 3, 3)),
                    activated(f, new Plan(1, 2, 2, Window.of(3, 2).stride(2), ALL, true, 2, 2))));
  }

  private static OpCase activated(Activation f, Plan plan) {
    double p = f == Activation.LEAKY_RELU ? 0.2 : f == Activation.ELU ? 0.7 : 0;
    DoubleUnaryOperator of = plainly(f, p);
    return plan.inputs(OpCase.of(Convolution.class, f + " " + plan))
        .input(-1, 1, (long) plan.out())
        .calls((tape, x) -> plan.call(x[0], x[1], x[2], f, p))
        .expects(x -> Arrays.stream(plan.convolve(x[0], x[1], x[2])).map(of).toArray())
        .twiceDifferentiable();
  }

  private static DoubleUnaryOperator plainly(Activation f, double p) {
    return switch (f) {
      case NONE -> z -> z;
      case RELU -> z -> Math.max(z, 0);
      case LEAKY_RELU -> z -> z > 0 ? z : p * z;
      case ELU -> z -> z > 0 ? z : p * Math.expm1(z);
      case TANH -> Math::tanh;
      case SIGMOID -> z -> 1 / (1 + Math.exp(-z));
      case SOFTPLUS -> z -> Math.log1p(Math.exp(z));
    };
  }

  // --- what a case is made of ---

  /**
   * Sizes, and the sums in plain Java: pixel r of the weight's rows' side and pixel r stride + tap
   * dilation - padding of its columns' side meet through that tap.
   */
  private record Plan(
      int batch, int in, int out, Window w, TapMask m, boolean transposed, long... sizes) {

    Stream<OpCase> cases() {
      return Stream.of(convolution(), weightGradient());
    }

    OpCase convolution() {
      return refusing(
          inputs(OpCase.of(Convolution.class, toString()))
              .calls((tape, x) -> call(x[0], x[1], null, Activation.NONE, 0))
              .expects(x -> convolve(x[0], x[1], null))
              .twiceDifferentiable());
    }

    OpCase weightGradient() {
      return OpCase.of(ConvWeightGradient.class, toString())
          .input(-1, 1, shape(in, sizes))
          .input(-1, 1, shape(out, outSizes()))
          .calls((tape, x) -> weightGradient(x[0], x[1]))
          .expects(x -> weightGradient(x[0], x[1]))
          .twiceDifferentiable()
          .refuses("expected dz", (tape, x) -> weightGradient(x[0], zeros(tape, 9, out)))
          .refuses("expected x", (tape, x) -> weightGradient(zeros(tape, 1), x[1]));
    }

    private Var weightGradient(Var x, Var dz) {
      return transposed
          ? convTransposeWeightGradient(x, dz, w, m)
          : convWeightGradient(x, dz, w, m);
    }

    OpCase inputs(OpCase op) {
      return op.input(-1, 1, shape(in, sizes)).input(-1, 1, weightShape());
    }

    private OpCase refusing(OpCase op) {
      return op.refuses("expected x", (tape, x) -> call(zeros(tape, 2), x[1], null))
          .refuses("expected W", (tape, x) -> call(x[0], zeros(tape, 2, 2), null))
          .refuses("expected W", (tape, x) -> call(x[0], zeros(tape, larger()), null))
          .refuses("expected b", (tape, x) -> call(x[0], x[1], zeros(tape, out + 1)))
          .refuses("expected b", (tape, x) -> call(x[0], x[1], zeros(tape, 1, out)))
          .refuses("like the others", (tape, x) -> call(x[0], x[1], floats(tape, out)))
          .refuses("activation_p", (tape, x) -> call(x[0], x[1], null, Activation.LEAKY_RELU, -1));
    }

    private Var call(Var x, Var weight, Var b) {
      return call(x, weight, b, Activation.NONE, 0);
    }

    Var call(Var x, Var weight, Var b, Activation f, double p) {
      return transposed ? convTranspose(x, weight, b, w, m, f, p) : conv(x, weight, b, w, m, f, p);
    }

    private long[] shape(int channels, long... of) {
      long[] shape = new long[of.length + 2];
      shape[0] = batch;
      shape[1] = channels;
      System.arraycopy(of, 0, shape, 2, of.length);
      return shape;
    }

    private long[] weightShape() {
      long[] shape = shape(0, w.kernel().stream().mapToLong(k -> k).toArray());
      shape[0] = transposed ? in : out;
      shape[1] = (transposed ? out : in) / w.groups();
      return shape;
    }

    // Another kernel.
    private long[] larger() {
      long[] shape = weightShape();
      shape[shape.length - 1]++;
      return shape;
    }

    private long[] outSizes() {
      long[] of = new long[w.axes()];
      for (int a = 0; a < of.length; a++) {
        long reach = w.dilation().get(a) * (w.kernel().get(a) - 1) + 1L;
        int s = w.stride().get(a);
        int p = w.padding().get(a);
        of[a] =
            transposed
                ? (sizes[a] - 1) * s - 2L * p + reach + w.outputPadding().get(a)
                : (sizes[a] + 2L * p - reach) / s + 1;
      }
      return of;
    }

    double[] convolve(double[] x, double[] weight, double[] b) {
      long[] of = outSizes();
      double[] y = new double[count(shape(out, of))];
      for (int i = 0; i < y.length && b != null; i++) {
        y[i] = b[(int) (i / count(of) % out)];
      }
      meet(
          (row, column, at) -> {
            y[transposed ? column : row] += weight[at] * x[transposed ? row : column];
          });
      return y;
    }

    double[] weightGradient(double[] x, double[] dz) {
      double[] dw = new double[count(weightShape())];
      meet(
          (row, column, at) -> {
            dw[at] += x[transposed ? row : column] * dz[transposed ? column : row];
          });
      return dw;
    }

    private interface Meeting {
      void of(int row, int column, int weight);
    }

    /** All elements of either side that meet, and the weight between them. */
    private void meet(Meeting meeting) {
      long[] of = outSizes();
      long[] rowSizes = transposed ? sizes : of;
      long[] columnSizes = transposed ? of : sizes;
      int rows = (transposed ? in : out) / w.groups();
      int columns = (transposed ? out : in) / w.groups();
      for (int n = 0; n < batch; n++) {
        for (int g = 0; g < w.groups(); g++) {
          for (int i = 0; i < rows * columns; i++) {
            int row = i / columns;
            int column = i % columns;
            int weightRow = g * rows + row;
            for (int tap = 0; tap < w.taps(); tap++) {
              if (!live(tap, row, column, rows, columns)) {
                continue;
              }
              for (int r = 0; r < count(rowSizes); r++) {
                int c = met(r, tap, rowSizes, columnSizes);
                if (c >= 0) {
                  meeting.of(
                      (n * rows * w.groups() + weightRow) * count(rowSizes) + r,
                      (n * columns * w.groups() + g * columns + column) * count(columnSizes) + c,
                      (weightRow * columns + column) * w.taps() + tap);
                }
              }
            }
          }
        }
      }
    }

    private boolean live(int tap, int row, int column, int rows, int columns) {
      if (!m.taps().isEmpty() && !m.taps().contains(tap)) {
        return false;
      }
      if (m.colours() == 1 || tap != w.taps() / 2) {
        return true;
      }
      int own = row / (rows / m.colours());
      int other = column / (columns / m.colours());
      return m.strictCentre() ? other < own : other <= own;
    }

    // The pixel of the columns' side, -1 for none.
    private int met(int r, int tap, long[] rowSizes, long[] columnSizes) {
      int at = 0;
      int restOfRow = r;
      int restOfTap = tap;
      int step = 1;
      for (int a = w.axes() - 1; a >= 0; a--) {
        int k = w.kernel().get(a);
        long here =
            restOfRow % rowSizes[a] * w.stride().get(a)
                + restOfTap % k * w.dilation().get(a)
                - w.padding().get(a);
        if (here < 0 || here >= columnSizes[a]) {
          return -1;
        }
        at += (int) here * step;
        step *= (int) columnSizes[a];
        restOfRow /= (int) rowSizes[a];
        restOfTap /= k;
      }
      return at;
    }

    private static int count(long... shape) {
      return (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }

    @Override
    public String toString() {
      return "%s %d x %d -> %d %s %s, %s"
          .formatted(
              transposed ? "transposed" : "plain",
              batch,
              in,
              out,
              Arrays.toString(sizes),
              List.of(w.kernel(), w.stride(), w.padding(), w.dilation(), w.outputPadding()),
              m);
    }
  }

  private static Var zeros(Tape tape, long... shape) {
    return tape.constant(tape.own(Tensor.zeros(tape.device(), DType.FLOAT64, shape)));
  }

  private static Var floats(Tape tape, long... shape) {
    return tape.constant(tape.own(Tensor.zeros(tape.device(), shape)));
  }
}
