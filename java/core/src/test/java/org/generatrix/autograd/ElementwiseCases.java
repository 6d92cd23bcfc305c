// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.generatrix.autograd.op.Add;
import org.generatrix.autograd.op.Broadcast;
import org.generatrix.autograd.op.Div;
import org.generatrix.autograd.op.Mul;
import org.generatrix.autograd.op.ScaleShift;
import org.generatrix.autograd.op.Sub;
import org.generatrix.autograd.op.Tanh;
import org.generatrix.tensor.Tensor;

/** Operations that work element by element. */
final class ElementwiseCases {
  private ElementwiseCases() {}

  static Stream<OpCase> all() {
    return Stream.of(unary(), arithmetic(), other()).flatMap(s -> s);
  }

  private static Stream<OpCase> unary() {
    return Stream.of(function(Tanh.class, Tanh::of, Math::tanh));
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
            .refuses("at most 8 axes", (tape, x) -> Broadcast.of(x[0], 1, 1, 1, 1, 1, 1, 2, 1, 3)));
  }
}
