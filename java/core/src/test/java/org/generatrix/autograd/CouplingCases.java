// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.generatrix.autograd.op.AffineCoupling;
import org.generatrix.autograd.op.Base;
import org.generatrix.autograd.op.BaseLogDensity;
import org.generatrix.autograd.op.Cast;
import org.generatrix.autograd.op.ChannelScale;
import org.generatrix.autograd.op.Concat;
import org.generatrix.autograd.op.CouplingMask;
import org.generatrix.autograd.op.CouplingScale;
import org.generatrix.autograd.op.InvertibleMatrix;
import org.generatrix.autograd.op.Logit;
import org.generatrix.autograd.op.SplineCoupling;
import org.generatrix.autograd.op.SplineShape;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * Couplings and what flows are made of beside them. A map's result is taken as one vector: the
 * value's elements, then the log-determinants.
 */
final class CouplingCases {
  private static final int EXAMPLES = 2;
  private static final int UNITS = 12; // [2, 2, 3]
  private static final double LOG_TWO_PI = Math.log(2 * Math.PI);

  private CouplingCases() {}

  static Stream<OpCase> all() {
    return Stream.of(
            Stream.of(cast()), affines(), splines(), scales(), matrices(), logits(), densities())
        .flatMap(s -> s);
  }

  // --- What they share ---

  private static Var both(Mapped m) {
    return Concat.of(0, m.value().to(DType.FLOAT64).reshape(-1), m.logDet());
  }

  /** The log-determinant that comes in, a variable of the tape's type. */
  private static Var in(Var v) {
    return v.to(DType.FLOAT64);
  }

  private static Var zeros(Tape tape, DType dtype, long... shape) {
    return tape.variable(tape.own(Tensor.zeros(tape.device(), dtype, shape)));
  }

  private static Var zeros(Tape tape, long... shape) {
    return zeros(tape, DType.FLOAT64, shape);
  }

  private static double[] joined(double[] y, double... logDet) {
    double[] all = Arrays.copyOf(y, y.length + logDet.length);
    System.arraycopy(logDet, 0, all, y.length, logDet.length);
    return all;
  }

  private static double logDensity(Base base, double y) {
    return switch (base) {
      case NONE -> 0;
      case GAUSSIAN -> -(y * y + LOG_TWO_PI) / 2;
      case LOGISTIC -> -Math.abs(y) - 2 * Math.log1p(Math.exp(-Math.abs(y)));
    };
  }

  /** A map of each element by itself: y and log |dy/dx|. */
  private interface Element {
    double[] at(int example, int unit, double x);
  }

  private static double[] mapped(double[] x, double[] logDet, int units, Base base, Element f) {
    double[] y = new double[x.length];
    double[] sums = logDet == null ? new double[x.length / units] : logDet.clone();
    for (int i = 0; i < x.length; i++) {
      double[] at = f.at(i / units, i % units, x[i]);
      y[i] = at[0];
      sums[i / units] += at[1] + logDensity(base, at[0]);
    }
    return joined(y, sums);
  }

  /** A mask and which number of its parameters an element has, -1 if it is kept. */
  private record Masked(CouplingMask mask, int numbers, IntUnaryOperator parameter) {}

  private static List<Masked> masks() {
    boolean[] kept = new boolean[UNITS];
    for (int i = 0; i < UNITS; i++) {
      kept[i] = i % 3 == 1 || i == 0;
    }
    return List.of(
        new Masked(CouplingMask.span(3, 9), 6, i -> i >= 3 && i < 9 ? i - 3 : -1),
        new Masked(CouplingMask.lastChanged(UNITS, 6), 6, i -> i >= 6 ? i - 6 : -1),
        checkerboard(0),
        checkerboard(1),
        new Masked(CouplingMask.bits(kept), UNITS, i -> kept[i] ? -1 : i));
  }

  private static Masked checkerboard(int parity) {
    return new Masked(
        CouplingMask.checkerboard(parity), UNITS, i -> (i / 3 % 2 + i % 3) % 2 == parity ? i : -1);
  }

  // --- Affine coupling ---

  private static final List<CouplingScale> SCALES =
      List.of(
          CouplingScale.none(),
          CouplingScale.exp(),
          CouplingScale.tanh(1.5),
          CouplingScale.sigmoid(2));

  private static double logScale(CouplingScale scale, double s, double a) {
    return switch (scale.kind()) {
      case NONE -> 0;
      case EXP -> s;
      case TANH -> a * Math.tanh(s);
      case SIGMOID -> -Math.log1p(Math.exp(-(s + scale.clamp())));
    };
  }

  private static double[] affine(double l, double t, double x, boolean inverse) {
    return inverse
        ? new double[] {(x - t) * Math.exp(-l), -l}
        : new double[] {x * Math.exp(l) + t, l};
  }

  private static Stream<OpCase> affines() {
    List<OpCase> cases = new ArrayList<>();
    int at = 0;
    for (Masked m : masks()) {
      for (CouplingScale scale : SCALES) {
        for (boolean inverse : new boolean[] {false, true}) {
          Base base = inverse ? Base.NONE : Base.values()[at++ % 3];
          cases.add(inOne(m, scale, inverse, base));
          if (scale.kind() != CouplingScale.Kind.NONE) {
            cases.add(apart(m, scale, inverse, base));
          }
        }
      }
    }
    cases.add(vectors());
    return cases.stream();
  }

  private static OpCase affineCase(
      String layout, Masked m, CouplingScale scale, boolean inverse, Base base) {
    String name =
        "%s, %s, %s%s, %s"
            .formatted(m.mask, scale.kind(), inverse ? "inverse, " : "", base, layout);
    return OpCase.of(AffineCoupling.class, name)
        .input(-2, 2, EXAMPLES, 2, 2, 3)
        .input(-1, 1, EXAMPLES);
  }

  /** x, logDet, st. */
  private static OpCase inOne(Masked m, CouplingScale scale, boolean inverse, Base base) {
    int numbers = scale.numbers() * m.numbers;
    int ofT = numbers - m.numbers;
    return affineCase("one", m, scale, inverse, base)
        .input(-1, 1, EXAMPLES, numbers)
        .calls(
            (tape, x) ->
                both(AffineCoupling.of(x[0], in(x[1]), x[2], null, m.mask, scale, inverse, base)))
        .expects(
            x ->
                mapped(
                    x[0],
                    x[1],
                    UNITS,
                    base,
                    (n, i, v) -> {
                      int j = m.parameter.applyAsInt(i);
                      if (j < 0) {
                        return new double[] {v, 0};
                      }
                      double l = logScale(scale, x[2][n * numbers + j], scale.clamp());
                      return affine(l, x[2][n * numbers + ofT + j], v, inverse);
                    }))
        .refuses(
            "[2, ..] of %d numbers each".formatted(numbers),
            (tape, x) ->
                both(
                    AffineCoupling.of(
                        x[0], null, x[0].reshape(-1), null, m.mask, scale, inverse, base)));
  }

  /** x, logDet, s, t, and of tanh the amplitude. */
  private static OpCase apart(Masked m, CouplingScale scale, boolean inverse, Base base) {
    boolean tanh = scale.kind() == CouplingScale.Kind.TANH;
    OpCase made =
        affineCase("apart", m, scale, inverse, base)
            .input(-1, 1, EXAMPLES, m.numbers)
            .input(-1, 1, EXAMPLES, m.numbers);
    return (tanh ? made.input(0.5, 2, 2) : made)
        .calls(
            (tape, x) ->
                both(
                    AffineCoupling.of(
                        x[0],
                        in(x[1]),
                        x[2],
                        x[3],
                        tanh ? x[4] : null,
                        m.mask,
                        scale,
                        inverse,
                        base)))
        .expects(
            x ->
                mapped(
                    x[0],
                    x[1],
                    UNITS,
                    base,
                    (n, i, v) -> {
                      int j = m.parameter.applyAsInt(i);
                      if (j < 0) {
                        return new double[] {v, 0};
                      }
                      int at = n * m.numbers + j;
                      double l = logScale(scale, x[2][at], tanh ? x[4][i / 6] : 0);
                      return affine(l, x[3][at], v, inverse);
                    }));
  }

  /** [n, channels], no log-determinant in; and what is refused. */
  private static OpCase vectors() {
    CouplingMask half = CouplingMask.firstChanged(5, 2);
    CouplingScale exp = CouplingScale.exp();
    return OpCase.of(AffineCoupling.class, "vectors")
        .input(-2, 2, 3, 5)
        .input(-1, 1, 3, 2)
        .input(-1, 1, 3, 2)
        .calls(
            (tape, x) ->
                both(AffineCoupling.of(x[0], null, x[1], x[2], null, half, exp, false, Base.NONE)))
        .expects(
            x ->
                mapped(
                    x[0],
                    null,
                    5,
                    Base.NONE,
                    (n, i, v) ->
                        i < 2
                            ? affine(x[1][2 * n + i], x[2][2 * n + i], v, false)
                            : new double[] {v, 0}))
        .refuses(
            "s with shape [3, ..] of 2 numbers each, got [3, 5]",
            (tape, x) -> call(x[0], null, x[0], x[2], null, half, exp))
        .refuses(
            "t with shape [3, ..] of 2 numbers each, got [2, 2]",
            (tape, x) -> call(x[0], null, x[1], zeros(tape, 2, 2), null, half, exp))
        .refuses(
            "s for every scale but NONE, got none for EXP",
            (tape, x) -> call(x[0], null, null, x[2], null, half, exp))
        .refuses(
            "s for every scale but NONE, got one for NONE",
            (tape, x) -> call(x[0], null, x[1], x[2], null, half, CouplingScale.none()))
        .refuses(
            "amplitude [5], got [3, 2]",
            (tape, x) -> call(x[0], null, x[1], x[2], x[1], half, CouplingScale.tanh(1)))
        .refuses(
            "amplitude must be null but for",
            (tape, x) -> call(x[0], null, x[1], x[2], zeros(tape, 5), half, exp))
        .refuses(
            "inverse must be GX_BASE_NONE",
            (tape, x) ->
                both(
                    AffineCoupling.of(
                        x[0], null, x[1], x[2], null, half, exp, true, Base.GAUSSIAN)))
        .refuses(
            "FLOAT64 [3], got FLOAT64 [3, 2]",
            (tape, x) -> call(x[0], x[1], x[1], x[2], null, half, exp))
        .refuses(
            "FLOAT64 [3], got FLOAT32 [3]",
            (tape, x) -> call(x[0], zeros(tape, DType.FLOAT32, 3), x[1], x[2], null, half, exp))
        .refuses(
            "within the 5 elements of an example, got 4 to 6",
            (tape, x) -> call(x[0], null, x[1], x[2], null, CouplingMask.span(4, 6), exp))
        .refuses(
            "bits for the 5 elements of an example, got 2",
            (tape, x) -> call(x[0], null, x[1], x[2], null, CouplingMask.bits(true, false), exp))
        .refuses(
            "[n, channels, height, width], got [3, 5]",
            (tape, x) -> call(x[0], null, x[1], x[2], null, CouplingMask.checkerboard(0), exp))
        .refuses(
            "[n, channels] to [n, channels, height, width], got [15]",
            (tape, x) -> call(x[0].reshape(-1), null, x[1], x[2], null, half, exp));
  }

  private static Var call(
      Var x, Var logDet, Var s, Var t, Var amplitude, CouplingMask mask, CouplingScale scale) {
    return both(AffineCoupling.of(x, logDet, s, t, amplitude, mask, scale, false, Base.NONE));
  }

  // --- Splines ---

  /**
   * The spline of an element in plain Java; the way back is found by halving intervals, so that it
   * owes nothing to the formula of the inverse.
   */
  private record Spline(SplineShape shape, double[] xs, double[] ys, double[] slopes) {
    static Spline of(SplineShape shape, double... q) {
      int bins = shape.bins();
      double[] slopes = new double[bins + 1];
      slopes[0] = 1;
      slopes[bins] = 1;
      double offset = Math.log(Math.expm1(1 - shape.minSlope()));
      for (int j = 1; j < bins; j++) {
        slopes[j] = shape.minSlope() + Math.log1p(Math.exp(q[2 * bins + j - 1] + offset));
      }
      return new Spline(
          shape,
          knots(shape, Arrays.copyOf(q, bins)),
          knots(shape, Arrays.copyOfRange(q, bins, 2 * bins)),
          slopes);
    }

    private static double[] knots(SplineShape shape, double... q) {
      double sum = Arrays.stream(q).map(Math::exp).sum();
      double[] knots = new double[q.length + 1];
      knots[0] = -shape.bound();
      for (int k = 0; k < q.length; k++) {
        double share = shape.minWidth() + (1 - q.length * shape.minWidth()) * Math.exp(q[k]) / sum;
        knots[k + 1] = knots[k] + 2 * shape.bound() * share;
      }
      return knots;
    }

    /** y and log dy/dx. */
    double[] at(double x) {
      if (Math.abs(x) >= shape.bound()) {
        return new double[] {x, 0};
      }
      int k = 0;
      while (k + 1 < shape.bins() && x >= xs[k + 1]) {
        k++;
      }
      double width = xs[k + 1] - xs[k];
      double height = ys[k + 1] - ys[k];
      double s = height / width;
      double xi = (x - xs[k]) / width;
      double mixed = xi * (1 - xi);
      double below = s + (slopes[k + 1] + slopes[k] - 2 * s) * mixed;
      double y = ys[k] + height * (s * xi * xi + slopes[k] * mixed) / below;
      double slope =
          s
              * s
              * (slopes[k + 1] * xi * xi + 2 * s * mixed + slopes[k] * (1 - xi) * (1 - xi))
              / (below * below);
      return new double[] {y, Math.log(slope)};
    }

    /** x and log dx/dy. */
    double[] back(double y) {
      if (Math.abs(y) >= shape.bound()) {
        return new double[] {y, 0};
      }
      double low = -shape.bound();
      double high = shape.bound();
      for (int i = 0; i < 100; i++) {
        double middle = (low + high) / 2;
        if (at(middle)[0] < y) {
          low = middle;
        } else {
          high = middle;
        }
      }
      return new double[] {low, -at(low)[1]};
    }
  }

  private static Stream<OpCase> splines() {
    SplineShape shape = new SplineShape(4, 1.5, 1e-2, 1e-2, false);
    return masks().stream()
        .flatMap(
            m ->
                Stream.of(
                    spline(m, shape, false),
                    spline(m, shape, true),
                    spline(m, shape.byUnit(), false),
                    spline(m, shape.byUnit(), true)));
  }

  private static OpCase spline(Masked m, SplineShape shape, boolean inverse) {
    int numbers = shape.numbers();
    String name =
        "%s%s%s"
            .formatted(m.mask, inverse ? ", inverse" : "", shape.unitMajor() ? ", by unit" : "");
    return OpCase.of(SplineCoupling.class, name)
        .input(-2, 2, EXAMPLES, 2, 2, 3)
        .input(-1, 1, EXAMPLES)
        .input(-1.5, 1.5, EXAMPLES, numbers * m.numbers)
        .tolerance(1e-4)
        .calls((tape, x) -> both(SplineCoupling.of(x[0], in(x[1]), x[2], m.mask, shape, inverse)))
        .expects(
            x ->
                mapped(
                    x[0],
                    x[1],
                    UNITS,
                    Base.NONE,
                    (n, i, v) -> {
                      int unit = m.parameter.applyAsInt(i);
                      if (unit < 0) {
                        return new double[] {v, 0};
                      }
                      double[] q = new double[numbers];
                      Arrays.setAll(
                          q,
                          j ->
                              x[2][
                                  n * numbers * m.numbers
                                      + (shape.unitMajor()
                                          ? unit * numbers + j
                                          : j * m.numbers + unit)]);
                      Spline f = Spline.of(shape, q);
                      return inverse ? f.back(v) : f.at(v);
                    }))
        .refuses(
            "theta with shape [2, ..] of 11 x %d numbers each".formatted(m.numbers),
            (tape, x) -> both(SplineCoupling.of(x[0], null, x[0], m.mask, shape, inverse)))
        .refuses(
            "FLOAT64 [2]",
            (tape, x) -> both(SplineCoupling.of(x[0], x[0], x[2], m.mask, shape, inverse)));
  }

  // --- Scaling of channels ---

  private static Stream<OpCase> scales() {
    List<OpCase> cases = new ArrayList<>();
    int at = 0;
    for (boolean inverse : new boolean[] {false, true}) {
      for (boolean scaled : new boolean[] {true, false}) {
        for (boolean shifted : new boolean[] {true, false}) {
          for (int spatial : new int[] {1, 5}) {
            cases.add(scale(spatial, scaled, shifted, inverse, inverse ? Base.NONE : base(at++)));
          }
        }
      }
    }
    return cases.stream();
  }

  private static Base base(int i) {
    return Base.values()[i % Base.values().length];
  }

  private static OpCase scale(
      int spatial, boolean scaled, boolean shifted, boolean inverse, Base base) {
    String name =
        "%d pixels%s%s%s, %s"
            .formatted(
                spatial,
                scaled ? ", scale" : "",
                shifted ? ", shift" : "",
                inverse ? ", inverse" : "",
                base);
    long[] shape = spatial == 1 ? new long[] {3, 4} : new long[] {3, 4, spatial};
    return OpCase.of(ChannelScale.class, name)
        .input(-2, 2, shape)
        .input(-1, 1, 3)
        .input(-1, 1, 4)
        .input(-1, 1, 4)
        .calls(
            (tape, x) ->
                both(
                    ChannelScale.of(
                        x[0],
                        in(x[1]),
                        scaled ? x[2] : null,
                        shifted ? x[3] : null,
                        inverse,
                        base)))
        .expects(
            x ->
                mapped(
                    x[0],
                    x[1],
                    4 * spatial,
                    base,
                    (n, i, v) ->
                        affine(
                            scaled ? x[2][i / spatial] : 0,
                            shifted ? x[3][i / spatial] : 0,
                            v,
                            inverse)))
        .refuses(
            "logScale [4], got [3]",
            (tape, x) -> both(ChannelScale.of(x[0], null, x[1], null, inverse, base)))
        .refuses(
            "shift [4], got [3]",
            (tape, x) -> both(ChannelScale.of(x[0], null, null, x[1], inverse, base)))
        .refuses(
            "inverse must be GX_BASE_NONE",
            (tape, x) -> both(ChannelScale.of(x[0], null, null, null, true, Base.LOGISTIC)))
        .refuses(
            "[examples, channels, ..]",
            (tape, x) -> both(ChannelScale.of(x[1], null, null, null, inverse, base)))
        .refuses(
            "FLOAT64 [3], got FLOAT64 [4]",
            (tape, x) -> both(ChannelScale.of(x[0], x[2], null, null, inverse, base)));
  }

  // --- Invertible matrices ---

  private static final long[] PERMUTATION = {2, 0, 3, 1};
  private static final double[] SIGN = {1, -1, -1, 1};

  private static Stream<OpCase> matrices() {
    return Stream.of(false, true)
        .map(
            inverse ->
                OpCase.of(InvertibleMatrix.class, inverse ? "inverse" : "matrix")
                    .input(-1, 1, 4, 4)
                    .input(-1, 1, 4, 4)
                    .input(-0.5, 0.5, 4)
                    .calls(
                        (tape, x) ->
                            InvertibleMatrix.of(
                                PERMUTATION, x[0], x[1], sign(tape, x[0]), x[2], inverse))
                    .expects(
                        x -> {
                          double[] w = matrix(x[0], x[1], x[2]);
                          return inverse ? inverted(w) : w;
                        })
                    .tolerance(1e-4)
                    .refuses(
                        "lower with shape [4, 4], got [4]",
                        (tape, x) ->
                            InvertibleMatrix.of(
                                PERMUTATION, x[2], x[1], sign(tape, x[0]), x[2], inverse))
                    .refuses(
                        "upper with shape [4, 4], got [4]",
                        (tape, x) ->
                            InvertibleMatrix.of(
                                PERMUTATION, x[0], x[2], sign(tape, x[0]), x[2], inverse))
                    .refuses(
                        "sign [4], got [4, 4]",
                        (tape, x) ->
                            InvertibleMatrix.of(
                                PERMUTATION, x[0], x[1], x[0].value(), x[2], inverse))
                    .refuses(
                        "logScale [4], got [4, 4]",
                        (tape, x) ->
                            InvertibleMatrix.of(
                                PERMUTATION, x[0], x[1], sign(tape, x[0]), x[0], inverse))
                    .refuses(
                        "permutation",
                        (tape, x) ->
                            InvertibleMatrix.of(
                                new long[] {0, 1, 1, 3},
                                x[0],
                                x[1],
                                sign(tape, x[0]),
                                x[2],
                                inverse)));
  }

  private static Tensor sign(Tape tape, Var like) {
    Tensor sign = tape.empty(like.dtype(), 4);
    sign.copyFrom(SIGN);
    return sign;
  }

  private static double[] matrix(double[] lower, double[] upper, double[] l) {
    double[] w = new double[16];
    for (int i = 0; i < 4; i++) {
      int row = (int) PERMUTATION[i];
      for (int j = 0; j < 4; j++) {
        for (int k = 0; k <= row; k++) {
          double left = k == row ? 1 : lower[4 * row + k];
          double right = k == j ? SIGN[k] * Math.exp(l[k]) : k < j ? upper[4 * k + j] : 0;
          w[4 * i + j] += left * right;
        }
      }
    }
    return w;
  }

  /** By Gauss and Jordan with the largest pivot. */
  private static double[] inverted(double... w) {
    double[][] rows = new double[4][8];
    for (int i = 0; i < 4; i++) {
      System.arraycopy(w, 4 * i, rows[i], 0, 4);
      rows[i][4 + i] = 1;
    }
    for (int c = 0; c < 4; c++) {
      int column = c;
      int pivot =
          IntStream.range(c, 4)
              .boxed()
              .max((a, b) -> Double.compare(Math.abs(rows[a][column]), Math.abs(rows[b][column])))
              .orElseThrow();
      double[] top = rows[pivot];
      rows[pivot] = rows[c];
      rows[c] = Arrays.stream(top).map(v -> v / top[column]).toArray();
      for (int i = 0; i < 4; i++) {
        double factor = i == c ? 0 : rows[i][c];
        for (int j = 0; j < 8; j++) {
          rows[i][j] -= factor * rows[c][j];
        }
      }
    }
    double[] inverse = new double[16];
    for (int i = 0; i < 4; i++) {
      System.arraycopy(rows[i], 4, inverse, 4 * i, 4);
    }
    return inverse;
  }

  // --- Data in and out, base densities, types ---

  private static final double LOW = 0.05;
  private static final double HIGH = 0.95;

  private static Stream<OpCase> logits() {
    Element forward =
        (n, i, v) -> {
          double p = LOW + (HIGH - LOW) * v;
          return new double[] {
            Math.log(p) - Math.log(1 - p), Math.log(HIGH - LOW) - Math.log(p) - Math.log(1 - p)
          };
        };
    Element inverse =
        (n, i, v) -> {
          double p = 1 / (1 + Math.exp(-v));
          return new double[] {
            (p - LOW) / (HIGH - LOW), -Math.log(HIGH - LOW) + Math.log(p) + Math.log(1 - p)
          };
        };
    return Stream.of(logit("logit", 0, 1, false, forward), logit("inverse", -3, 3, true, inverse));
  }

  private static OpCase logit(
      String name, double from, double to, boolean inverse, Element expected) {
    return OpCase.of(Logit.class, name)
        .input(from, to, 3, 2, 4)
        .input(-1, 1, 3)
        .calls((tape, x) -> both(Logit.of(x[0], in(x[1]), LOW, HIGH, inverse)))
        .expects(x -> mapped(x[0], x[1], 8, Base.NONE, expected))
        .refuses("with a batch axis", (tape, x) -> both(Logit.of(zeros(tape), null, 0, 1, inverse)))
        .refuses("FLOAT64 [3]", (tape, x) -> both(Logit.of(x[0], x[0], LOW, HIGH, inverse)))
        .refuses("low", (tape, x) -> both(Logit.of(x[0], null, 0.5, 0.5, inverse)));
  }

  private static Stream<OpCase> densities() {
    return Stream.of(Base.GAUSSIAN, Base.LOGISTIC)
        .flatMap(
            base ->
                Stream.of(
                    density(base, base + " alone", false),
                    density(base, base + " and a log-determinant", true)));
  }

  private static OpCase density(Base base, String name, boolean gathers) {
    return OpCase.of(BaseLogDensity.class, name)
        .input(-2, 2, 3, 2, 2)
        .input(-1, 1, 3)
        .calls((tape, x) -> BaseLogDensity.of(x[0], gathers ? in(x[1]) : null, base))
        .expects(
            x -> {
              DoubleUnaryOperator f = v -> logDensity(base, v);
              double[] sums = gathers ? x[1].clone() : new double[3];
              for (int i = 0; i < x[0].length; i++) {
                sums[i / 4] += f.applyAsDouble(x[0][i]);
              }
              return sums;
            })
        .refuses(
            "FLOAT64 [3], got FLOAT64 [3, 2, 2]", (tape, x) -> BaseLogDensity.of(x[0], x[0], base))
        .refuses("with a batch axis", (tape, x) -> BaseLogDensity.of(zeros(tape), null, base));
  }

  /** Of the narrow tape a true change of type, of the wide one none. */
  private static OpCase cast() {
    return OpCase.of(Cast.class, "to FLOAT64")
        .input(-2, 2, 3, 5)
        .calls((tape, x) -> x[0].to(DType.FLOAT64))
        .expects(x -> x[0])
        .twiceDifferentiable()
        .refuses("got BITS", (tape, x) -> x[0].to(DType.BITS));
  }
}
