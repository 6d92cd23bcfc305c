// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.generatrix.autograd.op.AdaptiveInstanceNorm;
import org.generatrix.autograd.op.BatchNorm;
import org.generatrix.autograd.op.BatchRenorm;
import org.generatrix.autograd.op.GroupNorm;
import org.generatrix.autograd.op.LayerNorm;
import org.generatrix.autograd.op.ReferenceBatchNorm;
import org.generatrix.autograd.op.WeightNorm;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/** Normalisations. */
final class NormCases {
  private static final double EPSILON = 1e-3;

  private NormCases() {}

  static Stream<OpCase> all() {
    return Stream.of(
            batchNorms(), evaluations(), renorms(), references(), groups(), adaptive(), layers())
        .flatMap(s -> s);
  }

  // --- in plain Java ---

  private static double mean(double[] x, int[] members) {
    return Arrays.stream(members).mapToDouble(i -> x[i]).average().orElseThrow();
  }

  private static double variance(double[] x, int[] members) {
    double mean = mean(x, members);
    return Arrays.stream(members)
        .mapToDouble(i -> (x[i] - mean) * (x[i] - mean))
        .average()
        .orElseThrow();
  }

  private static int[] members(int size, IntUnaryOperator setOf, int set) {
    return IntStream.range(0, size).filter(i -> setOf.applyAsInt(i) == set).toArray();
  }

  /** x^ by the mean and variance of each element's set. */
  private static double[] standardised(double[] x, IntUnaryOperator setOf) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int[] set = members(x.length, setOf, setOf.applyAsInt(i));
      y[i] = (x[i] - mean(x, set)) / Math.sqrt(variance(x, set) + EPSILON);
    }
    return y;
  }

  private static double[] affine(double[] x, double[] gamma, double[] beta, IntUnaryOperator of) {
    double[] y = new double[x.length];
    Arrays.setAll(
        y,
        i ->
            (gamma == null ? 1 : gamma[of.applyAsInt(i)]) * x[i]
                + (beta == null ? 0 : beta[of.applyAsInt(i)]));
    return y;
  }

  private static double[] relu(double... x) {
    return Arrays.stream(x).map(v -> Math.max(v, 0)).toArray();
  }

  /** [.., 3, spatial] */
  private static IntUnaryOperator channel(int spatial) {
    return i -> i / spatial % 3;
  }

  private static Tensor vector(Tape tape, DType dtype, double... values) {
    Tensor made = tape.empty(dtype, values.length);
    made.copyFrom(values);
    return made;
  }

  // --- batch norm ---

  private static OpCase images(Class<? extends Op> op, String name, long... shape) {
    return OpCase.of(op, name + " " + Arrays.toString(shape))
        .input(-1, 3, shape)
        .input(0.5, 1.5, 3)
        .input(-1, 1, 3);
  }

  private static Var train(Var x, Var gamma, Var beta, boolean relu) {
    return BatchNorm.train(x, gamma, beta, null, null, 0.1, EPSILON, relu);
  }

  private static OpCase refusingImages(OpCase op, ImageCall f) {
    return op.refuses("[examples, channels, ..]", (tape, x) -> f.of(x[1], x[1], x[2]))
        .refuses(
            "gamma [3]",
            (tape, x) -> f.of(x[0], tape.variable(vector(tape, DType.FLOAT64, 1, 2)), x[2]))
        .refuses("beta [3]", (tape, x) -> f.of(x[0], x[1], x[0]));
  }

  private interface ImageCall {
    Var of(Var x, Var gamma, Var beta);
  }

  private static Stream<OpCase> batchNorms() {
    return Stream.of(
        refusingImages(
            images(BatchNorm.class, "training", 4, 3, 2, 3)
                .calls((tape, x) -> train(x[0], x[1], x[2], false))
                .expects(x -> affine(standardised(x[0], channel(6)), x[1], x[2], channel(6))),
            (x, gamma, beta) -> train(x, gamma, beta, false)),
        images(BatchNorm.class, "training, relu", 5, 3)
            .calls((tape, x) -> train(x[0], x[1], x[2], true))
            .expects(x -> relu(affine(standardised(x[0], channel(1)), x[1], x[2], channel(1))))
            .refuses(
                "must be at least 2",
                (tape, x) ->
                    BatchNorm.train(
                        tape.variable(tape.own(Tensor.zeros(tape.device(), 1, 1))),
                        null,
                        null,
                        tape.own(Tensor.zeros(tape.device(), 1)),
                        tape.own(Tensor.zeros(tape.device(), 1)),
                        0.1,
                        EPSILON,
                        false)),
        OpCase.of(BatchNorm.class, "training, beta alone")
            .input(-1, 3, 3, 3, 17)
            .input(-1, 1, 3)
            .calls((tape, x) -> train(x[0], null, x[1], false))
            .expects(x -> affine(standardised(x[0], channel(17)), null, x[1], channel(17)))
            .refuses(
                "epsilon must be above 0",
                (tape, x) -> BatchNorm.train(x[0], null, null, null, null, 0.1, 0, false)));
  }

  private static final double[] MEAN = {0.5, -1, 2};
  private static final double[] VAR = {1, 0.25, 4};

  private static Stream<OpCase> evaluations() {
    return Stream.of(false, true)
        .map(
            relu ->
                images(BatchNorm.class, relu ? "evaluation, relu" : "evaluation", 2, 3, 4)
                    .calls(
                        (tape, x) ->
                            BatchNorm.evaluate(
                                x[0],
                                x[1],
                                x[2],
                                vector(tape, x[0].dtype(), MEAN),
                                vector(tape, x[0].dtype(), VAR),
                                EPSILON,
                                relu))
                    .expects(
                        x -> {
                          double[] y = new double[x[0].length];
                          Arrays.setAll(
                              y,
                              i -> {
                                int c = i / 4 % 3;
                                return (x[0][i] - MEAN[c]) / Math.sqrt(VAR[c] + EPSILON);
                              });
                          y = affine(y, x[1], x[2], channel(4));
                          return relu ? relu(y) : y;
                        })
                    .refuses(
                        "the running variance [3]",
                        (tape, x) ->
                            BatchNorm.evaluate(
                                x[0],
                                x[1],
                                x[2],
                                vector(tape, DType.FLOAT64, MEAN),
                                vector(tape, DType.FLOAT64, 1),
                                EPSILON,
                                false)));
  }

  // --- batch renormalisation: r and d at their bounds, where they are constants to differences ---

  private static final double R_MAX = 1.25;
  private static final double D_MAX = 0.5;

  private static Var renorm(Tape tape, Var x, Var gamma, Var beta, double rMax, double dMax) {
    return BatchRenorm.of(
        x,
        gamma,
        beta,
        vector(tape, x.dtype(), 9, 9, 9),
        vector(tape, x.dtype(), 0.01, 0.01, 0.01),
        0.1,
        rMax,
        dMax,
        EPSILON);
  }

  private static Stream<OpCase> renorms() {
    return Stream.of(
        refusingImages(
                images(BatchRenorm.class, "", 4, 3, 5)
                    .calls((tape, x) -> renorm(tape, x[0], x[1], x[2], R_MAX, D_MAX))
                    .expects(
                        x -> {
                          double[] y = standardised(x[0], channel(5));
                          Arrays.setAll(y, i -> y[i] * R_MAX - D_MAX);
                          return affine(y, x[1], x[2], channel(5));
                        }),
                (x, gamma, beta) -> renorm(x.tape(), x, gamma, beta, R_MAX, D_MAX))
            .refuses("r_max", (tape, x) -> renorm(tape, x[0], x[1], x[2], 0.5, D_MAX))
            .refuses("d_max", (tape, x) -> renorm(tape, x[0], x[1], x[2], R_MAX, -1)));
  }

  // --- reference batch norm ---

  private static Stream<OpCase> references() {
    int references = 3;
    return Stream.of(
        refusingImages(
                images(ReferenceBatchNorm.class, "", 5, 3, 4)
                    .calls(
                        (tape, x) -> ReferenceBatchNorm.of(x[0], references, x[1], x[2], EPSILON))
                    .expects(x -> affine(virtually(x[0], references, 4), x[1], x[2], channel(4))),
                (x, gamma, beta) -> ReferenceBatchNorm.of(x, references, gamma, beta, EPSILON))
            .refuses("of 1 to 5", (tape, x) -> ReferenceBatchNorm.of(x[0], 0, x[1], x[2], EPSILON))
            .refuses(
                "of 1 to 5", (tape, x) -> ReferenceBatchNorm.of(x[0], 6, x[1], x[2], EPSILON)));
  }

  /** Each example by batch norm of the references and itself. */
  private static double[] virtually(double[] x, int references, int spatial) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int example = i / (3 * spatial);
      int c = i / spatial % 3;
      int[] among =
          members(
              x.length,
              j ->
                  (j / (3 * spatial) < references || j / (3 * spatial) == example)
                          && j / spatial % 3 == c
                      ? 1
                      : 0,
              1);
      y[i] = (x[i] - mean(x, among)) / Math.sqrt(variance(x, among) + EPSILON);
    }
    return y;
  }

  // --- group and instance norm ---

  private static Stream<OpCase> groups() {
    return Stream.of(
        refusingImages(
            images(GroupNorm.class, "instances", 2, 3, 5)
                .calls((tape, x) -> GroupNorm.instance(x[0], x[1], x[2], EPSILON, false))
                .expects(x -> affine(standardised(x[0], i -> i / 5), x[1], x[2], channel(5))),
            (x, gamma, beta) -> GroupNorm.instance(x, gamma, beta, EPSILON, false)),
        images(GroupNorm.class, "one group, relu", 2, 3, 5)
            .calls((tape, x) -> GroupNorm.of(x[0], 1, x[1], x[2], EPSILON, true))
            .expects(x -> relu(affine(standardised(x[0], i -> i / 15), x[1], x[2], channel(5))))
            .refuses(
                "divides 3 channels",
                (tape, x) -> GroupNorm.of(x[0], 2, null, null, EPSILON, true)),
        OpCase.of(GroupNorm.class, "two groups of two")
            .input(-1, 3, 2, 4, 3)
            .input(0.5, 1.5, 4)
            .calls((tape, x) -> GroupNorm.of(x[0], 2, x[1], null, EPSILON, false))
            .expects(x -> affine(standardised(x[0], i -> i / 6), x[1], null, i -> i / 3 % 4)));
  }

  private static Stream<OpCase> adaptive() {
    return Stream.of(
        OpCase.of(AdaptiveInstanceNorm.class, "")
            .input(-1, 3, 2, 3, 2, 2)
            .input(1, 2, 2, 3, 5)
            .calls((tape, x) -> AdaptiveInstanceNorm.of(x[0], x[1], EPSILON))
            .expects(
                x -> {
                  double[] y = standardised(x[0], i -> i / 4);
                  Arrays.setAll(
                      y,
                      i -> {
                        int[] style = members(x[1].length, j -> j / 5, i / 4);
                        return Math.sqrt(variance(x[1], style) + EPSILON) * y[i]
                            + mean(x[1], style);
                      });
                  return y;
                })
            .refuses(
                "the same examples and channels",
                (tape, x) ->
                    AdaptiveInstanceNorm.of(
                        x[0],
                        tape.variable(
                            tape.own(Tensor.zeros(tape.device(), DType.FLOAT64, 2, 2, 5))),
                        EPSILON))
            .refuses(
                "expected style [examples, channels, ..]",
                (tape, x) ->
                    AdaptiveInstanceNorm.of(
                        x[0], tape.variable(vector(tape, DType.FLOAT64, 1)), EPSILON)));
  }

  // --- layer and weight norm ---

  private static Stream<OpCase> layers() {
    return Stream.of(
        OpCase.of(LayerNorm.class, "over one axis")
            .input(-1, 3, 2, 3, 5)
            .input(0.5, 1.5, 5)
            .input(-1, 1, 5)
            .calls((tape, x) -> LayerNorm.of(x[0], 1, x[1], x[2], EPSILON))
            .twiceDifferentiable()
            .expects(x -> affine(standardised(x[0], i -> i / 5), x[1], x[2], i -> i % 5))
            .refuses("1 to 3 trailing", (tape, x) -> LayerNorm.of(x[0], 0, null, null, EPSILON))
            .refuses("1 to 3 trailing", (tape, x) -> LayerNorm.of(x[0], 4, null, null, EPSILON))
            .refuses("gamma [3, 5]", (tape, x) -> LayerNorm.of(x[0], 2, x[1], null, EPSILON))
            .refuses("beta [3, 5]", (tape, x) -> LayerNorm.of(x[0], 2, null, x[2], EPSILON))
            .refuses("epsilon", (tape, x) -> LayerNorm.of(x[0], 1, null, null, -1)),
        OpCase.of(LayerNorm.class, "over two axes, gamma alone")
            .input(-1, 3, 3, 4, 5)
            .input(0.5, 1.5, 4, 5)
            .calls((tape, x) -> LayerNorm.of(x[0], 2, x[1], null, EPSILON))
            .twiceDifferentiable()
            .expects(x -> affine(standardised(x[0], i -> i / 20), x[1], null, i -> i % 20)),
        OpCase.of(WeightNorm.class, "")
            .input(-1, 1, 3, 2, 4)
            .input(-2, 2, 3)
            .calls((tape, x) -> WeightNorm.of(x[0], x[1]))
            .twiceDifferentiable()
            .expects(
                x -> {
                  double[] w = new double[x[0].length];
                  Arrays.setAll(
                      w,
                      i -> {
                        double squares =
                            Arrays.stream(x[0], i / 8 * 8, i / 8 * 8 + 8).map(v -> v * v).sum();
                        return x[1][i / 8] * x[0][i] / Math.sqrt(squares);
                      });
                  return w;
                })
            .refuses("g [3]", (tape, x) -> WeightNorm.of(x[0], x[0]))
            .refuses(
                "with elements",
                (tape, x) ->
                    WeightNorm.of(
                        tape.variable(tape.own(Tensor.zeros(tape.device(), DType.FLOAT64, 3, 0))),
                        x[1])));
  }
}
