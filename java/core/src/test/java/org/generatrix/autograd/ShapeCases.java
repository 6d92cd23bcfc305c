// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.generatrix.autograd.op.Concat;
import org.generatrix.autograd.op.Gather;
import org.generatrix.autograd.op.Permute;
import org.generatrix.autograd.op.Reshape;
import org.generatrix.autograd.op.Slice;
import org.generatrix.autograd.op.Split;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/** Operations that rearrange elements. */
final class ShapeCases {
  private ShapeCases() {}

  static Stream<OpCase> all() {
    return Stream.of(reshapes(), permutations(), slices(), joins(), gathers())
        .flatMap(s -> s)
        .map(OpCase::twiceDifferentiable);
  }

  private interface Index {
    int of(int i);
  }

  /** The result's element i is element {@code from.of(i)} of the only input, [2, 3, 4]. */
  private static OpCase picks(
      Class<? extends Op> op, String name, GradientCheck.Function f, int size, Index from) {
    return OpCase.of(op, name)
        .input(-2, 2, 2, 3, 4)
        .calls(f)
        .expects(x -> IntStream.range(0, size).mapToDouble(i -> x[0][from.of(i)]).toArray());
  }

  private static Var curved(Var x) { // so that there are second derivatives
    return x.mul(x);
  }

  private static Stream<OpCase> reshapes() {
    return Stream.of(
        picks(Reshape.class, "[4, 6]", (tape, x) -> x[0].reshape(4, -1), 24, i -> i)
            .refuses("a shape of 24 elements", (tape, x) -> x[0].reshape(5, 5))
            .refuses("at most one -1", (tape, x) -> x[0].reshape(-1, -1))
            .refuses("FLOAT32 or FLOAT64", (tape, x) -> bits(tape).reshape(6)),
        OpCase.of(Reshape.class, "twice in a sum")
            .input(-2, 2, 2, 3)
            .calls((tape, x) -> curved(x[0].reshape(6)).add(x[0].reshape(3, 2).reshape(6)))
            .expects(
                x -> IntStream.range(0, 6).mapToDouble(i -> x[0][i] * (x[0][i] + 1)).toArray()),
        OpCase.of(Reshape.class, "a number")
            .input(-2, 2)
            .calls((tape, x) -> x[0].reshape(1, 1))
            .expects(x -> x[0]));
  }

  private static Stream<OpCase> permutations() {
    return Stream.of(
        picks(
                Permute.class,
                "[4, 2, 3]",
                (tape, x) -> Permute.of(x[0], 2, 0, -2),
                24,
                i -> i / 3 % 2 * 12 + i % 3 * 4 + i / 6)
            .refuses("each of 3 axes once", (tape, x) -> Permute.of(x[0], 0, 1))
            .refuses("each of 3 axes once", (tape, x) -> Permute.of(x[0], 0, 1, 1))
            .refuses("an axis of 3", (tape, x) -> Permute.of(x[0], 0, 1, 3))
            .refuses("an axis of 3", (tape, x) -> x[0].transpose(0, 3))
            .refuses("FLOAT32 or FLOAT64", (tape, x) -> bits(tape).transpose(0, 1)),
        picks(
            Permute.class,
            "of a square",
            (tape, x) -> Functions.transpose(x[0], -1, 0),
            24,
            i -> i % 2 * 12 + i / 2 % 3 * 4 + i / 6));
  }

  private static Stream<OpCase> slices() {
    return Stream.of(
        picks(
                Slice.class,
                "[2, 1:3, 0:4:3]",
                (tape, x) -> Slice.of(x[0], longs(0, 1, 0), longs(2, 3, 4), longs(1, 1, 3)),
                8,
                i -> i / 4 * 12 + (1 + i / 2 % 2) * 4 + i % 2 * 3)
            .refuses("along axis 1", (tape, x) -> Slice.of(x[0], longs(0, 2), longs(1, 4), null))
            .refuses("a part of the 3", (tape, x) -> Slice.narrow(x[0], 1, 2, 2))
            .refuses("an axis of 3", (tape, x) -> Slice.narrow(x[0], -4, 0, 1))
            .refuses("FLOAT32 or FLOAT64", (tape, x) -> Functions.narrow(bits(tape), 0, 0, 1)),
        picks(
            Slice.class,
            "a view",
            (tape, x) -> Functions.slice(x[0], longs(-1, 1), longs(2, 3)),
            8,
            i -> 16 + i),
        OpCase.of(Slice.class, "parts that overlap")
            .input(-2, 2, 3, 2)
            .calls(
                (tape, x) -> curved(Slice.narrow(x[0], 0, 0, 2)).add(Slice.narrow(x[0], 0, 1, 2)))
            .expects(
                x ->
                    IntStream.range(0, 4)
                        .mapToDouble(i -> x[0][i] * x[0][i] + x[0][i + 2])
                        .toArray()));
  }

  private static Stream<OpCase> joins() {
    return Stream.of(
        OpCase.of(Concat.class, "[2, 3] and [2, 1]")
            .input(-2, 2, 2, 3)
            .input(-2, 2, 2, 1)
            .calls((tape, x) -> curved(Concat.of(-1, x[0], x[1])))
            .expects(
                x ->
                    IntStream.range(0, 8)
                        .mapToDouble(i -> i % 4 < 3 ? x[0][i / 4 * 3 + i % 4] : x[1][i / 4])
                        .map(v -> v * v)
                        .toArray())
            .refuses("equal but along axis 0", (tape, x) -> Concat.of(0, x))
            .refuses("an axis of 2", (tape, x) -> Concat.of(2, x))
            .refuses("at least one", (tape, x) -> Concat.of(0))
            .refuses("at least one", (tape, x) -> Concat.stacked(0))
            .refuses("an axis of 3", (tape, x) -> Concat.stacked(3, x[0]))
            .refuses("like the others", (tape, x) -> Concat.of(0, x[0], floats(tape)))
            .refuses("FLOAT32 or FLOAT64", (tape, x) -> Concat.of(0, bits(tape))),
        OpCase.of(Concat.class, "the same twice")
            .input(-2, 2, 2, 2)
            .calls((tape, x) -> Functions.concat(0, x[0], curved(x[0]), x[0]))
            .expects(
                x ->
                    IntStream.range(0, 12)
                        .mapToDouble(i -> i / 4 == 1 ? x[0][i - 4] * x[0][i - 4] : x[0][i % 4])
                        .toArray()),
        OpCase.of(Concat.class, "a stack")
            .input(-2, 2, 3)
            .input(-2, 2, 3)
            .calls((tape, x) -> Functions.stack(1, x[0], x[1]))
            .expects(x -> IntStream.range(0, 6).mapToDouble(i -> x[i % 2][i / 2]).toArray()),
        OpCase.of(Split.class, "two of three columns")
            .input(-2, 2, 2, 4)
            .calls(
                (tape, x) -> {
                  Var[] y = Functions.split(x[0], -1, 1, 2, 1);
                  return curved(y[0]).mul(y[2]);
                })
            .expects(x -> new double[] {x[0][0] * x[0][0] * x[0][3], x[0][4] * x[0][4] * x[0][7]})
            .refuses("add up to 4, got [1, 2]", (tape, x) -> Split.of(x[0], 1, 1, 2)[0])
            .refuses("add up to 4, got []", (tape, x) -> Split.of(x[0], 1)[0])
            .refuses("a part of the 4", (tape, x) -> Split.of(x[0], 1, 5, -1)[0])
            .refuses("an axis of 2", (tape, x) -> Split.of(x[0], 2, 4)[0])
            .refuses("FLOAT32 or FLOAT64", (tape, x) -> Split.of(bits(tape), 0, 1, 1)[0]),
        OpCase.of(Split.class, "views of rows")
            .input(-2, 2, 3, 2)
            .calls(
                (tape, x) -> {
                  Var[] y = Split.of(x[0], 0, 1, 1, 1);
                  return y[0].mul(y[1]).add(y[2]);
                })
            .expects(x -> new double[] {x[0][0] * x[0][2] + x[0][4], x[0][1] * x[0][3] + x[0][5]}));
  }

  private static Stream<OpCase> gathers() {
    return Stream.of(
        picks(
                Gather.class,
                "columns",
                (tape, x) -> Gather.of(x[0], -1, 3, 0, 3),
                18,
                i -> i / 3 * 4 + (i % 3 == 1 ? 0 : 3))
            .refuses("index[1]", (tape, x) -> Gather.of(x[0], 0, 0, 2))
            .refuses("got -1", (tape, x) -> Gather.of(x[0], 0, -1))
            .refuses("an axis of 3", (tape, x) -> Gather.of(x[0], 3, 0))
            .refuses("FLOAT32 or FLOAT64", (tape, x) -> Gather.of(bits(tape), 0, 0)),
        OpCase.of(Gather.class, "an embedding")
            .input(-2, 2, 4, 3)
            .calls((tape, x) -> curved(Functions.gather(x[0], 0, 1, 1, 3)))
            .expects(
                x ->
                    IntStream.range(0, 9)
                        .mapToDouble(i -> x[0][(i < 6 ? 3 : 9) + i % 3])
                        .map(v -> v * v)
                        .toArray()));
  }

  private static long[] longs(long... values) {
    return values;
  }

  private static Var bits(Tape tape) {
    return tape.constant(tape.own(Tensor.bits(tape.device(), 2, 3)));
  }

  private static Var floats(Tape tape) {
    return tape.constant(tape.own(Tensor.zeros(tape.device(), DType.FLOAT32, 2, 3)));
  }
}
