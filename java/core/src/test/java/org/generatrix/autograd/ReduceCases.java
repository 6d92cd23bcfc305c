// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.generatrix.autograd.op.Dot;
import org.generatrix.autograd.op.Max;
import org.generatrix.autograd.op.Mean;
import org.generatrix.autograd.op.Min;
import org.generatrix.autograd.op.Norm;
import org.generatrix.autograd.op.Sum;
import org.generatrix.autograd.op.SumOfSizes;
import org.generatrix.autograd.op.SumOfSquares;

/** Operations that reduce axes. */
final class ReduceCases {
  private ReduceCases() {}

  static Stream<OpCase> all() {
    return Stream.of(sums(), means(), dots(), others()).flatMap(s -> s);
  }

  // Of [2, 3, 4], the elements that belong to output k, by the reduced axes.
  private static double[] over(
      int axes, double[] x, java.util.function.ToDoubleFunction<double[]> f) {
    int[] shape = {2, 3, 4};
    int[] output = new int[24];
    int outputs = 1;
    for (int axis = 0; axis < 3; axis++) {
      outputs *= (axes >> axis & 1) == 0 ? shape[axis] : 1;
    }
    for (int i = 0; i < 24; i++) {
      int[] at = {i / 12, i / 4 % 3, i % 4};
      for (int axis = 0; axis < 3; axis++) {
        if ((axes >> axis & 1) == 0) {
          output[i] = output[i] * shape[axis] + at[axis];
        }
      }
    }
    return IntStream.range(0, outputs)
        .mapToDouble(
            k ->
                f.applyAsDouble(
                    IntStream.range(0, 24)
                        .filter(i -> output[i] == k)
                        .mapToDouble(i -> x[i])
                        .toArray()))
        .toArray();
  }

  private interface Reduced {
    Var of(Var x, int... axes);
  }

  private static OpCase reduced(
      Class<? extends Op> op,
      Reduced f,
      java.util.function.ToDoubleFunction<double[]> plain,
      int... axes) {
    int bits = axes.length == 0 ? 7 : Arrays.stream(axes).map(a -> 1 << Math.floorMod(a, 3)).sum();
    return OpCase.of(op, "[2, 3, 4] over " + Arrays.toString(axes))
        .input(-2, 2, 2, 3, 4)
        .calls((tape, x) -> f.of(x[0], axes))
        .expects(x -> over(bits, x[0], plain))
        .refuses("different axes", (tape, x) -> f.of(x[0], 3))
        .refuses("different axes", (tape, x) -> f.of(x[0], 1, -2));
  }

  private static Stream<OpCase> sums() {
    return Stream.of(
            reduced(Sum.class, Sum::of, x -> Arrays.stream(x).sum()),
            reduced(Sum.class, Sum::of, x -> Arrays.stream(x).sum(), 0),
            reduced(Sum.class, Sum::of, x -> Arrays.stream(x).sum(), -1),
            reduced(Sum.class, Sum::of, x -> Arrays.stream(x).sum(), 0, 2),
            reduced(Sum.class, Sum::keeping, x -> Arrays.stream(x).sum(), 1))
        .map(OpCase::twiceDifferentiable);
  }

  private static Stream<OpCase> means() {
    return Stream.of(
            reduced(Mean.class, Mean::of, x -> Arrays.stream(x).average().orElseThrow()),
            reduced(Mean.class, Mean::of, x -> Arrays.stream(x).average().orElseThrow(), 1),
            reduced(Mean.class, Mean::keeping, x -> Arrays.stream(x).average().orElseThrow(), 0, 2))
        .map(OpCase::twiceDifferentiable);
  }

  private static Stream<OpCase> dots() {
    return Stream.of(new int[] {}, new int[] {1})
        .map(
            axes ->
                OpCase.of(Dot.class, "[2, 3, 4] over " + Arrays.toString(axes))
                    .input(-2, 2, 2, 3, 4)
                    .input(-2, 2, 2, 3, 4)
                    .calls((tape, x) -> Dot.of(x[0], x[1], axes))
                    .expects(
                        x -> {
                          double[] product = new double[24];
                          Arrays.setAll(product, i -> x[0][i] * x[1][i]);
                          return over(
                              axes.length == 0 ? 7 : 2, product, p -> Arrays.stream(p).sum());
                        })
                    .twiceDifferentiable()
                    .refuses("two arrays of one shape", (tape, x) -> Dot.of(x[0], x[1].sum(0))));
  }

  private static Stream<OpCase> others() {
    return Stream.of(new int[] {}, new int[] {0}, new int[] {2}, new int[] {0, 2})
        .flatMap(
            axes ->
                Stream.of(
                    reduced(Max.class, Max::of, x -> Arrays.stream(x).max().orElseThrow(), axes),
                    reduced(Min.class, Min::of, x -> Arrays.stream(x).min().orElseThrow(), axes),
                    reduced(SumOfSizes.class, SumOfSizes::of, x -> sum(x, Math::abs), axes)
                        .twiceDifferentiable(),
                    reduced(SumOfSquares.class, SumOfSquares::of, x -> sum(x, v -> v * v), axes)
                        .twiceDifferentiable(),
                    reduced(Norm.class, Norm::of, x -> Math.sqrt(sum(x, v -> v * v)), axes)
                        .twiceDifferentiable()));
  }

  private static double sum(double[] x, java.util.function.DoubleUnaryOperator f) {
    return Arrays.stream(x).map(f).sum();
  }
}
