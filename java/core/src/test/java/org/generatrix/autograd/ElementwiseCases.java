// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.generatrix.autograd.op.Abs;
import org.generatrix.autograd.op.Add;
import org.generatrix.autograd.op.AtLeast;
import org.generatrix.autograd.op.AtMost;
import org.generatrix.autograd.op.Broadcast;
import org.generatrix.autograd.op.ClampStraight;
import org.generatrix.autograd.op.Div;
import org.generatrix.autograd.op.Dropout;
import org.generatrix.autograd.op.Elu;
import org.generatrix.autograd.op.Exp;
import org.generatrix.autograd.op.Expm1;
import org.generatrix.autograd.op.GatedUnit;
import org.generatrix.autograd.op.Gelu;
import org.generatrix.autograd.op.GeluTanh;
import org.generatrix.autograd.op.LeakyRelu;
import org.generatrix.autograd.op.Log;
import org.generatrix.autograd.op.Log1p;
import org.generatrix.autograd.op.LogSigmoid;
import org.generatrix.autograd.op.Maximum;
import org.generatrix.autograd.op.Maxout;
import org.generatrix.autograd.op.Minimum;
import org.generatrix.autograd.op.Mul;
import org.generatrix.autograd.op.Pow;
import org.generatrix.autograd.op.Prelu;
import org.generatrix.autograd.op.Reciprocal;
import org.generatrix.autograd.op.Relu;
import org.generatrix.autograd.op.Rrelu;
import org.generatrix.autograd.op.ScaleShift;
import org.generatrix.autograd.op.Selu;
import org.generatrix.autograd.op.Sigmoid;
import org.generatrix.autograd.op.Silu;
import org.generatrix.autograd.op.Softplus;
import org.generatrix.autograd.op.Softsign;
import org.generatrix.autograd.op.Sqrt;
import org.generatrix.autograd.op.Square;
import org.generatrix.autograd.op.Sub;
import org.generatrix.autograd.op.Tanh;
import org.generatrix.autograd.op.Where;
import org.generatrix.tensor.Tensor;

/** Operations that work element by element. */
final class ElementwiseCases {
  private ElementwiseCases() {}

  static Stream<OpCase> all() {
    return Stream.of(unary(), arithmetic(), others(), other(), layers()).flatMap(s -> s);
  }

  private static Stream<OpCase> unary() {
    return Stream.concat(smooth(), kinked());
  }

  private static Stream<OpCase> smooth() {
    return Stream.of(
        function(Tanh.class, Tanh::of, Math::tanh).twiceDifferentiable(),
        function(Exp.class, Exp::of, Math::exp).twiceDifferentiable(),
        function(Expm1.class, Expm1::of, Math::expm1).twiceDifferentiable(),
        function(Sigmoid.class, Sigmoid::of, ElementwiseCases::sigmoid).twiceDifferentiable(),
        function(Softplus.class, Softplus::of, ElementwiseCases::softplus).twiceDifferentiable(),
        function(LogSigmoid.class, LogSigmoid::of, x -> -softplus(-x)).twiceDifferentiable(),
        function(Softsign.class, Softsign::of, x -> x / (1 + Math.abs(x))).twiceDifferentiable(),
        function(Square.class, Square::of, x -> x * x).twiceDifferentiable(),
        function(Silu.class, Silu::of, x -> x * sigmoid(x)).twiceDifferentiable(),
        function(Gelu.class, Gelu::of, x -> x * normalCdf(x)),
        function(
            GeluTanh.class,
            GeluTanh::of,
            x -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))),
        positive(Log.class, Log::of, Math::log),
        positive(Log1p.class, Log1p::of, Math::log1p),
        positive(Sqrt.class, Sqrt::of, Math::sqrt),
        positive(Reciprocal.class, Reciprocal::of, x -> 1 / x));
  }

  // Of points on both sides of the kinks, at 1e-4 from them; the derivative at a kink itself is
  // pinned by the native tests.
  private static Stream<OpCase> kinked() {
    return Stream.of(
        kinked(Relu.class, 0, Relu::of, x -> Math.max(x, 0)),
        kinked(LeakyRelu.class, 0, x -> LeakyRelu.of(x, 0.2), x -> x > 0 ? x : 0.2 * x),
        kinked(LeakyRelu.class, 0, x -> LeakyRelu.of(x, -0.2), x -> x > 0 ? x : -0.2 * x),
        kinked(AtLeast.class, -1, x -> AtLeast.of(x, -1), x -> Math.max(x, -1)),
        kinked(AtMost.class, 0.5, x -> AtMost.of(x, 0.5), x -> Math.min(x, 0.5)),
        kinked(Elu.class, 0, x -> Elu.of(x, 0.7), x -> x > 0 ? x : 0.7 * Math.expm1(x))
            .refuses("p of an ELU", (tape, x) -> Elu.of(x[0], -1)),
        kinked(
            Selu.class, 0, Selu::of, x -> Selu.LAMBDA * (x > 0 ? x : Selu.ALPHA * Math.expm1(x))),
        kinked(Abs.class, 0, Abs::of, Math::abs));
  }

  private static OpCase positive(Class<? extends Op> op, Function f, DoubleUnaryOperator plain) {
    return OpCase.of(op, "of positive numbers")
        .input(0.3, 3, 3, 5)
        .calls((tape, x) -> f.of(x[0]))
        .expects(x -> java.util.Arrays.stream(x[0]).map(plain).toArray())
        .twiceDifferentiable()
        .refuses("FLOAT32 or FLOAT64", (tape, x) -> f.of(bits(tape)));
  }

  private static OpCase kinked(
      Class<? extends Op> op, double kink, Function f, DoubleUnaryOperator plain) {
    double[] points = {kink - 2, kink - 0.5, kink - 1e-4, kink + 1e-4, kink + 0.25, kink + 2};
    return OpCase.of(op, "about " + kink)
        .input(points, points.length)
        .calls((tape, x) -> f.of(x[0]))
        .expects(x -> java.util.Arrays.stream(x[0]).map(plain).toArray())
        .twiceDifferentiable()
        .refuses("FLOAT32 or FLOAT64", (tape, x) -> f.of(bits(tape)));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  // By the series x + x^3 / 3 + x^5 / (3 5) + ..
  private static double normalCdf(double x) {
    double term = x;
    double sum = x;
    for (int n = 3; n < 200; n += 2) {
      term *= x * x / n;
      sum += term;
    }
    return 0.5 + sum * Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  }

  private interface Function {
    Var of(Var x);
  }

  private static OpCase function(Class<? extends Op> op, Function f, DoubleUnaryOperator plain) {
    return OpCase.unary(op, (tape, x) -> f.of(x[0]), plain)
        .refuses("FLOAT32 or FLOAT64", (tape, x) -> f.of(bits(tape)));
  }

  /** Packed bits, which no arithmetic takes. */
  private static Var bits(Tape tape) {
    return tape.constant(tape.own(Tensor.bits(tape.device(), 2, 3)));
  }

  private static Stream<OpCase> arithmetic() {
    return Stream.of(
            binary(Add.class, Add::of, (a, b) -> a + b),
            binary(Sub.class, Sub::of, (a, b) -> a - b),
            binary(Mul.class, Mul::of, (a, b) -> a * b),
            binary(Div.class, Div::of, (a, b) -> a / b))
        .flatMap(s -> s)
        .map(OpCase::twiceDifferentiable);
  }

  private static Stream<OpCase> others() {
    return Stream.of(
            binary(GatedUnit.class, GatedUnit::of, (a, b) -> Math.tanh(a) * sigmoid(b)),
            binary(Maximum.class, Maximum::of, Math::max),
            binary(Minimum.class, Minimum::of, Math::min),
            binary(Pow.class, (a, b) -> Pow.of(b, a), (a, b) -> Math.pow(b, a)))
        .flatMap(s -> s);
  }

  private interface Function2 {
    Var of(Var a, Var b);
  }

  // The ways in which operands are repeated: the index of an operand's element for a result's.
  private interface Index {
    int at(int i);
  }

  private static Stream<OpCase> binary(
      Class<? extends Op> op, Function2 f, DoubleBinaryOperator plain) {
    return Stream.of(
        binary(op, f, plain, 12, i -> i, i -> i, new long[] {3, 4}, 3, 4),
        binary(op, f, plain, 12, i -> i, i -> i % 4, new long[] {3, 4}, 4),
        binary(op, f, plain, 12, i -> i, i -> i / 4, new long[] {3, 4}, 3, 1),
        binary(op, f, plain, 12, i -> i / 4, i -> i % 4, new long[] {3, 1}, 4),
        binary(op, f, plain, 12, i -> i, i -> i / 2 % 3, new long[] {2, 3, 2}, 3, 1),
        binary(op, f, plain, 6, i -> 0, i -> i, new long[] {}, 2, 3),
        binary(op, f, plain, 0, i -> i, i -> i, new long[] {0, 3}, 3));
  }

  private static OpCase binary(
      Class<? extends Op> op,
      Function2 f,
      DoubleBinaryOperator plain,
      int size,
      Index a,
      Index b,
      long[] shapeOfA,
      long... shapeOfB) {
    return OpCase.of(op, java.util.Arrays.toString(shapeOfA) + java.util.Arrays.toString(shapeOfB))
        .input(-2, 2, shapeOfA)
        .input(0.5, 2, shapeOfB)
        .calls((tape, x) -> f.of(x[0], x[1]))
        .expects(
            x ->
                IntStream.range(0, size)
                    .mapToDouble(i -> plain.applyAsDouble(x[0][a.at(i)], x[1][b.at(i)]))
                    .toArray())
        .refuses(
            "equal or 1 along each axis", (tape, x) -> f.of(zeros(tape, 2, 3), zeros(tape, 3, 2)))
        .refuses("like the others", (tape, x) -> f.of(zeros(tape, 2), floats(tape, 2)))
        .refuses("FLOAT32 or FLOAT64", (tape, x) -> f.of(bits(tape), bits(tape)));
  }

  private static Var zeros(Tape tape, long... shape) {
    return tape.constant(
        tape.own(Tensor.zeros(tape.device(), org.generatrix.tensor.DType.FLOAT64, shape)));
  }

  private static Var floats(Tape tape, long... shape) {
    return tape.constant(tape.own(Tensor.zeros(tape.device(), shape)));
  }

  private static Stream<OpCase> other() {
    return Stream.of(
        OpCase.unary(ScaleShift.class, (tape, x) -> x[0].mul(-3).add(0.5), x -> 0.5 - 3 * x)
            .twiceDifferentiable()
            .refuses("FLOAT32 or FLOAT64", (tape, x) -> bits(tape).neg()),
        OpCase.unary(ScaleShift.class, (tape, x) -> x[0].sub(1).div(4).neg(), x -> (1 - x) / 4),
        OpCase.of(Broadcast.class, "[2, 1, 3] to [4, 2, 2, 3]")
            .input(-2, 2, 2, 1, 3)
            .calls((tape, x) -> Broadcast.of(x[0], 4, 2, 2, 3))
            .expects(
                x -> IntStream.range(0, 48).mapToDouble(i -> x[0][i / 6 % 2 * 3 + i % 3]).toArray())
            .twiceDifferentiable()
            .refuses("can be repeated to", (tape, x) -> Broadcast.of(x[0], 2, 1, 1))
            .refuses("equal or 1", (tape, x) -> Broadcast.of(x[0], 2, 2, 4))
            .refuses("at most 8 axes", (tape, x) -> Broadcast.of(x[0], 1, 1, 1, 1, 1, 1, 2, 1, 3)),
        OpCase.unary(Pow.class, (tape, x) -> Pow.of(x[0], 3), x -> x * x * x),
        straight());
  }

  // Its gradient is not the slope of what it computes: within the bounds both are 1.
  private static OpCase straight() {
    return OpCase.unary(
            ClampStraight.class,
            (tape, x) -> ClampStraight.of(x[0], -2, 2),
            x -> Math.min(Math.max(x, -2), 2))
        .twiceDifferentiable()
        .refuses("FLOAT32 or FLOAT64", (tape, x) -> ClampStraight.of(bits(tape), 0, 1));
  }

  private static Stream<OpCase> layers() {
    return Stream.of(
        OpCase.of(GatedUnit.class, "halves of [2, 4, 3]")
            .input(-2, 2, 2, 4, 3)
            .calls((tape, x) -> GatedUnit.ofHalves(x[0]))
            .expects(
                x ->
                    IntStream.range(0, 12)
                        .map(i -> i / 6 * 12 + i % 6)
                        .mapToDouble(i -> Math.tanh(x[0][i]) * sigmoid(x[0][i + 6]))
                        .toArray())
            .refuses("even number of channels", (tape, x) -> GatedUnit.ofHalves(x[0].sum(1))),
        prelu(3, i -> i / 2 % 3),
        prelu(1, i -> 0),
        OpCase.of(Where.class, "[2, 3]")
            .input(-2, 2, 2, 3)
            .input(-2, 2, 2, 3)
            .calls((tape, x) -> Where.of(mask(tape, x[0]), x[0], x[1]))
            .expects(
                x -> IntStream.range(0, 6).mapToDouble(i -> x[i % 2 == 1 ? 0 : 1][i]).toArray())
            .twiceDifferentiable()
            .refuses("one shape", (tape, x) -> Where.of(x[0], x[0], x[1].sum(0))),
        random(Dropout.class, x -> Dropout.of(x, 0.5), 0, 2)
            .refuses("rate", (tape, x) -> Dropout.of(x[0], 1)),
        random(Rrelu.class, x -> Rrelu.of(x, 0.25, 0.25), 0.25, 1)
            .refuses("lower must be at most upper", (tape, x) -> Rrelu.of(x[0], 1, 0)),
        OpCase.of(Maxout.class, "[2, 6, 2] in 3 pieces")
            .input(-2, 2, 2, 6, 2)
            .calls((tape, x) -> Maxout.of(x[0], 1, 3))
            .expects(
                x ->
                    IntStream.range(0, 8)
                        .map(i -> i / 2 * 6 + i % 2)
                        .mapToDouble(i -> Math.max(x[0][i], Math.max(x[0][i + 2], x[0][i + 4])))
                        .toArray())
            .refuses("divide axis", (tape, x) -> Maxout.of(x[0], 1, 4)));
  }

  private static OpCase prelu(int slopes, Index slope) {
    return OpCase.of(Prelu.class, slopes + " slopes")
        .input(-2, 2, 2, 3, 2)
        .input(0.1, 0.5, slopes)
        .calls((tape, x) -> Prelu.of(x[0], x[1]))
        .expects(
            x ->
                IntStream.range(0, 12)
                    .mapToDouble(i -> x[0][i] * (x[0][i] > 0 ? 1 : x[1][slope.at(i)]))
                    .toArray())
        .refuses("slopes [C] or [1]", (tape, x) -> Prelu.of(x[0], x[0].sum(0, 1)));
  }

  // 0, 1, 0, 1, ..
  private static Var mask(Tape tape, Var like) {
    double[] values = new double[(int) like.size()];
    java.util.Arrays.setAll(values, i -> i % 2);
    Tensor mask = tape.empty(like.dtype(), like.shape());
    mask.copyFrom(values);
    return tape.constant(mask);
  }

  // What a random factor has chosen cannot be said in plain Java: its sum over many elements can.
  // Factors are drawn so that it does not depend on them, and gradients are checked as always.
  private static OpCase random(
      Class<? extends Op> op, Function f, double negative, double positive) {
    return OpCase.of(op, "of signs")
        .input(new double[] {-1, 2, -3, 4}, 4)
        .calls(
            (tape, x) -> {
              Var y = f.of(x[0]);
              return op == Dropout.class ? y.mul(y.sub(x[0].mul(2))) : y;
            })
        .expects(
            x ->
                java.util.Arrays.stream(x[0])
                    .map(v -> op == Dropout.class ? 0 : v > 0 ? v * positive : v * negative)
                    .toArray())
        .refuses("FLOAT32 or FLOAT64", (tape, x) -> f.of(bits(tape)));
  }
}
