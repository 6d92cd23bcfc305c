// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.generatrix.autograd.op.BernoulliLogLikelihood;
import org.generatrix.autograd.op.CategoricalLogLikelihood;
import org.generatrix.autograd.op.DiscretisedLogisticMixture;
import org.generatrix.autograd.op.GaussianKl;
import org.generatrix.autograd.op.GaussianLogDensity;
import org.generatrix.autograd.op.GaussianMixtureLogDensity;
import org.generatrix.autograd.op.GaussianSample;
import org.generatrix.autograd.op.Mmd;
import org.generatrix.autograd.op.ParzenLogLikelihood;
import org.generatrix.autograd.op.Wasserstein1;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/** Log-likelihoods and distances. */
final class LossCases {
  private static final double LOG_TWO_PI = Math.log(2 * Math.PI);

  private LossCases() {}

  static Stream<OpCase> all() {
    return Stream.of(
            Stream.of(bernoulli(), bits()),
            categorical(),
            gaussian(),
            kl(),
            mixture(),
            logistic(),
            Stream.of(parzen()),
            mmd(),
            wasserstein(),
            Stream.of(gaussianSample()))
        .flatMap(s -> s);
  }

  // One number for each of n rows.
  private static double[] rows(int n, IntToDoubleFunction f) {
    return IntStream.range(0, n).mapToDouble(f).toArray();
  }

  // The sum over the i of row r of [rows, units].
  private static double over(int r, int units, IntToDoubleFunction f) {
    return IntStream.range(r * units, (r + 1) * units).mapToDouble(f).sum();
  }

  private static double logSumExp(double... l) {
    double most = Arrays.stream(l).max().orElseThrow();
    return most + Math.log(Arrays.stream(l).map(v -> Math.exp(v - most)).sum());
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static Var zeros(Tape tape, long... shape) {
    return tape.constant(tape.own(Tensor.zeros(tape.device(), DType.FLOAT64, shape)));
  }

  private static OpCase bernoulli() {
    return OpCase.of(BernoulliLogLikelihood.class, "[3, 2, 5]")
        .input(-4, 4, 3, 2, 5)
        .input(0, 1, 3, 2, 5)
        .calls((tape, x) -> BernoulliLogLikelihood.of(x[0], x[1]))
        .expects(
            x ->
                rows(3, r -> over(r, 10, i -> x[1][i] * x[0][i] - Math.log(1 + Math.exp(x[0][i])))))
        .refuses(
            "x with the shape of the logits",
            (tape, x) -> BernoulliLogLikelihood.of(x[0], zeros(tape, 3, 10)))
        .refuses(
            "with a batch axis", (tape, x) -> BernoulliLogLikelihood.of(zeros(tape), zeros(tape)));
  }

  private static OpCase bits() {
    float[] ones = new float[2 * 37];
    for (int i = 0; i < ones.length; i++) {
      ones[i] = i * 7 % 3 == 0 ? 1 : 0;
    }
    return OpCase.of(BernoulliLogLikelihood.class, "bits [2, 37]")
        .input(-4, 4, 2, 37)
        .calls(
            (tape, x) -> {
              Tensor floats = tape.own(Tensor.of(tape.device(), ones, 2, 37));
              return BernoulliLogLikelihood.of(x[0], tape.constant(tape.own(floats.toBits(0.5f))));
            })
        .expects(
            x ->
                rows(
                    2, r -> over(r, 37, i -> ones[i] * x[0][i] - Math.log(1 + Math.exp(x[0][i])))));
  }

  private static Stream<OpCase> categorical() {
    long[] labels = {4, 0, 2};
    return Stream.of(
        OpCase.of(CategoricalLogLikelihood.class, "labels")
            .input(-3, 3, 3, 5)
            .calls((tape, x) -> CategoricalLogLikelihood.of(x[0], labels))
            .expects(
                x ->
                    rows(
                        3,
                        r ->
                            x[0][5 * r + (int) labels[r]]
                                - logSumExp(Arrays.copyOfRange(x[0], 5 * r, 5 * r + 5))))
            .refuses(
                "3 labels, one per row, got 2",
                (tape, x) -> CategoricalLogLikelihood.of(x[0], 1, 2))
            .refuses(
                "between 0 and 4, got 5", (tape, x) -> CategoricalLogLikelihood.of(x[0], 1, 5, 2))
            .refuses("[rows, classes]", (tape, x) -> CategoricalLogLikelihood.of(x[0].sum(), 1)),
        OpCase.of(CategoricalLogLikelihood.class, "probabilities")
            .input(-3, 3, 3, 5)
            .input(0, 1, 3, 5)
            .calls((tape, x) -> CategoricalLogLikelihood.of(x[0], x[1]))
            .expects(
                x ->
                    rows(
                        3,
                        r -> {
                          double lse = logSumExp(Arrays.copyOfRange(x[0], 5 * r, 5 * r + 5));
                          return over(r, 5, i -> x[1][i] * (x[0][i] - lse));
                        }))
            .refuses(
                "the shape of the logits",
                (tape, x) -> CategoricalLogLikelihood.of(x[0], zeros(tape, 3, 4))));
  }

  private interface Index {
    int at(int i);
  }

  private static Stream<OpCase> gaussian() {
    return Stream.of(
        gaussian(i -> i, i -> i, new long[] {3, 4}, new long[] {3, 4}),
        gaussian(i -> i, i -> i % 4, new long[] {3, 4}, new long[] {4}),
        gaussian(i -> i % 4, i -> 0, new long[] {4}, new long[] {}),
        gaussian(i -> 0, i -> 0, new long[] {1}, new long[] {1, 1}));
  }

  private static OpCase gaussian(Index mean, Index logvar, long[] meanShape, long[] logvarShape) {
    return OpCase.of(
            GaussianLogDensity.class, Arrays.toString(meanShape) + Arrays.toString(logvarShape))
        .input(-2, 2, 3, 4)
        .input(-1, 1, meanShape)
        .input(-1, 1, logvarShape)
        .calls((tape, x) -> GaussianLogDensity.of(x[0], x[1], x[2]))
        .expects(
            x ->
                rows(
                    3,
                    r ->
                        over(
                            r,
                            4,
                            i -> {
                              double v = x[2][logvar.at(i)];
                              double d = x[0][i] - x[1][mean.at(i)];
                              return -0.5 * (LOG_TWO_PI + v + d * d * Math.exp(-v));
                            })))
        .refuses(
            "mean with shape [3, 4] or [4]",
            (tape, x) -> GaussianLogDensity.of(x[0], zeros(tape, 3), x[2]))
        .refuses(
            "logvar with shape", (tape, x) -> GaussianLogDensity.of(x[0], x[1], zeros(tape, 2)));
  }

  private static Stream<OpCase> kl() {
    return Stream.of(
        OpCase.of(GaussianKl.class, "to N(0, I)")
            .input(-2, 2, 3, 4)
            .input(-2, 2, 3, 4)
            .calls((tape, x) -> GaussianKl.of(x[0], x[1]))
            .expects(x -> rows(3, r -> over(r, 4, i -> kl(x[0][i], x[1][i], 0, 0))))
            .refuses("logvar with the shape", (tape, x) -> GaussianKl.of(x[0], zeros(tape, 4))),
        OpCase.of(GaussianKl.class, "to p")
            .input(-2, 2, 3, 4)
            .input(-2, 2, 3, 4)
            .input(-2, 2, 3, 4)
            .input(-2, 2, 3, 4)
            .calls((tape, x) -> GaussianKl.of(x[0], x[1], x[2], x[3]))
            .expects(x -> rows(3, r -> over(r, 4, i -> kl(x[0][i], x[1][i], x[2][i], x[3][i]))))
            .refuses(
                "pMean with the shape",
                (tape, x) -> GaussianKl.of(x[0], x[1], zeros(tape, 4), x[3]))
            .refuses(
                "pLogvar with the shape",
                (tape, x) -> GaussianKl.of(x[0], x[1], x[2], zeros(tape, 4))));
  }

  private static double kl(double m, double v, double n, double w) {
    return 0.5 * (w - v - 1 + (Math.exp(v) + (m - n) * (m - n)) * Math.exp(-w));
  }

  private static Stream<OpCase> mixture() {
    return Stream.of(
        mixture(1, new long[] {3, 1, 4}),
        mixture(3, new long[] {3, 3, 4})
            .refuses(
                "logits with shape [rows, K, ..]",
                (tape, x) -> GaussianMixtureLogDensity.of(x[0], x[0], x[2], x[3]))
            .refuses(
                "mean with the shape",
                (tape, x) -> GaussianMixtureLogDensity.of(x[0], x[1], x[0], x[3]))
            .refuses(
                "logSigma with the shape",
                (tape, x) -> GaussianMixtureLogDensity.of(x[0], x[1], x[2], x[0])));
  }

  private static OpCase mixture(int components, long... shape) {
    return OpCase.of(GaussianMixtureLogDensity.class, components + " components")
        .input(-2, 2, 3, 4)
        .input(-1, 1, shape)
        .input(-2, 2, shape)
        .input(-1, 0.5, shape)
        .calls((tape, x) -> GaussianMixtureLogDensity.of(x[0], x[1], x[2], x[3]))
        .expects(
            x ->
                rows(
                    3,
                    r ->
                        over(
                            r,
                            4,
                            i -> {
                              double[] logits = new double[components];
                              double[] joint = new double[components];
                              for (int k = 0; k < components; k++) {
                                int at = (r * components + k) * 4 + i % 4;
                                double z = (x[0][i] - x[2][at]) * Math.exp(-x[3][at]);
                                logits[k] = x[1][at];
                                joint[k] = logits[k] - 0.5 * (z * z + LOG_TWO_PI) - x[3][at];
                              }
                              return logSumExp(joint) - logSumExp(logits);
                            })));
  }

  private static Stream<OpCase> logistic() {
    return Stream.of(logistic(1, 2), logistic(3, 2));
  }

  // x is given: on levels of 16, the outer ones among them.
  private static OpCase logistic(int channels, int components) {
    int planes = components * (channels == 1 ? 3 : 10);
    double[] x = new double[2 * channels * 2];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (2 * (i * 5 % 16) / 15.0 - 1);
    }
    return OpCase.of(DiscretisedLogisticMixture.class, channels + " channels")
        .input(-2, 1, 2, planes, 2)
        .calls(
            (tape, p) -> {
              double[] own = x.clone();
              Tensor pixels =
                  p[0].dtype() == DType.FLOAT64
                      ? Tensor.of(tape.device(), own, 2, channels, 2)
                      : Tensor.of(tape.device(), floats(own), 2, channels, 2);
              return DiscretisedLogisticMixture.of(tape.constant(tape.own(pixels)), p[0], 16, -3);
            })
        .expects(
            p ->
                rows(
                    2,
                    r ->
                        pixel(x, p[0], channels, components, r, 0)
                            + pixel(x, p[0], channels, components, r, 1)))
        .refuses(
            "[rows, 1 or 3, ..]",
            (tape, p) -> DiscretisedLogisticMixture.of(zeros(tape, 2, 2, 2), p[0]))
        .refuses(
            "with the rows and pixels of x",
            (tape, p) -> DiscretisedLogisticMixture.of(zeros(tape, 2, channels, 3), p[0]))
        .refuses(
            "levels must be at least 2",
            (tape, p) -> DiscretisedLogisticMixture.of(zeros(tape, 2, channels, 2), p[0], 1, -7));
  }

  private static float[] floats(double... x) {
    float[] f = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      f[i] = (float) x[i];
    }
    return f;
  }

  // By the definition, as differences of sigmoids; two pixels a row.
  private static double pixel(double[] x, double[] p, int channels, int components, int r, int i) {
    int planes = components * (channels == 1 ? 3 : 10);
    int kinds = channels == 1 ? 2 : 3;
    double[] logits = new double[components];
    double[] joint = new double[components];
    for (int k = 0; k < components; k++) {
      int component = k;
      IntToDoubleFunction plane = j -> p[(r * planes + j) * 2 + i];
      logits[k] = joint[k] = plane.applyAsDouble(k);
      double[] before = new double[channels];
      double[] t = new double[3];
      for (int c = 0; c < channels; c++) {
        before[c] = x[(r * channels + c) * 2 + i];
        t[c] =
            channels == 1
                ? 0
                : Math.tanh(plane.applyAsDouble(components * (1 + c * kinds + 2) + component));
      }
      for (int c = 0; c < channels; c++) {
        double mean = plane.applyAsDouble(components * (1 + c * kinds) + component);
        mean += c == 1 ? t[0] * before[0] : c == 2 ? t[1] * before[0] + t[2] * before[1] : 0;
        double scale =
            Math.exp(
                Math.max(-3, plane.applyAsDouble(components * (1 + c * kinds + 1) + component)));
        double high = before[c] > 1 - 1 / 15.0 ? 1 : sigmoid((before[c] + 1 / 15.0 - mean) / scale);
        double low = before[c] < 1 / 15.0 - 1 ? 0 : sigmoid((before[c] - 1 / 15.0 - mean) / scale);
        joint[k] += Math.log(high - low);
      }
    }
    return logSumExp(joint) - logSumExp(logits);
  }

  private static double distance(double[] a, int i, double[] b, int j, int units) {
    return IntStream.range(0, units)
        .mapToDouble(u -> Math.pow(a[i * units + u] - b[j * units + u], 2))
        .sum();
  }

  private static OpCase parzen() {
    double sigma = 0.6;
    return OpCase.of(ParzenLogLikelihood.class, "[3, 4] of [5, 4]")
        .input(-1, 1, 3, 4)
        .input(-1, 1, 5, 4)
        .calls((tape, x) -> ParzenLogLikelihood.of(x[0], x[1], sigma))
        .expects(
            x ->
                rows(
                    3,
                    r ->
                        logSumExp(
                                rows(5, j -> -distance(x[0], r, x[1], j, 4) / (2 * sigma * sigma)))
                            - Math.log(5)
                            - 2 * Math.log(2 * Math.PI * sigma * sigma)))
        .notDifferentiable()
        .refuses(
            "samples with shape [n, 4]",
            (tape, x) -> ParzenLogLikelihood.of(x[0], zeros(tape, 5, 3), 1))
        .refuses(
            "sigma must be greater than 0", (tape, x) -> ParzenLogLikelihood.of(x[0], x[1], 0));
  }

  private static Stream<OpCase> mmd() {
    return Stream.of(false, true)
        .map(
            unbiased ->
                OpCase.of(Mmd.class, unbiased ? "unbiased" : "biased")
                    .input(-1, 1, 4, 3)
                    .input(-1, 2, 5, 3)
                    .calls((tape, x) -> Mmd.of(x[0], x[1], unbiased, 0.7, 2))
                    .expects(
                        x ->
                            new double[] {
                              kernels(x[0], 4, x[0], 4, unbiased)
                                  + kernels(x[1], 5, x[1], 5, unbiased)
                                  - 2 * kernels(x[0], 4, x[1], 5, false)
                            })
                    .refuses(
                        "y with shape [n, 3]",
                        (tape, x) -> Mmd.of(x[0], zeros(tape, 5, 2), unbiased, 1))
                    .refuses(
                        "bandwidth_count must be at least 1",
                        (tape, x) -> Mmd.of(x[0], x[1], unbiased))
                    .refuses(
                        "bandwidth must be greater than 0",
                        (tape, x) -> Mmd.of(x[0], x[1], unbiased, -1)));
  }

  private static double kernels(double[] a, int n, double[] b, int m, boolean withoutEqual) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < m; j++) {
        double d = distance(a, i, b, j, 3);
        sum += withoutEqual && i == j ? 0 : Math.exp(-d / (2 * 0.49)) + Math.exp(-d / 8);
      }
    }
    return sum / (n * (double) (withoutEqual ? m - 1 : m));
  }

  private static Stream<OpCase> wasserstein() {
    return Stream.of(
        OpCase.of(Wasserstein1.class, "of equal sizes")
            .input(-1, 1, 7)
            .input(-1, 2, 7)
            .calls((tape, x) -> Wasserstein1.of(x[0], x[1]))
            .expects(
                x -> {
                  double[] a = Arrays.stream(x[0]).sorted().toArray();
                  double[] b = Arrays.stream(x[1]).sorted().toArray();
                  return new double[] {
                    IntStream.range(0, 7).mapToDouble(i -> Math.abs(a[i] - b[i])).sum() / 7
                  };
                }),
        OpCase.of(Wasserstein1.class, "of 2 and 3 numbers")
            .input(new double[] {0.5, -1}, 2)
            .input(new double[] {2, 0.25, -0.5}, 3)
            .calls((tape, x) -> Wasserstein1.of(x[0], x[1]))
            .expects(x -> new double[] {(2 * 0.5 + 1.25 + 0.25 + 2 * 1.5) / 6})
            .refuses("shape [n]", (tape, x) -> Wasserstein1.of(zeros(tape, 2, 2), x[1]))
            .refuses(
                "rows must be at least 1", (tape, x) -> Wasserstein1.of(zeros(tape, 0), x[1])));
  }

  private static OpCase gaussianSample() {
    double[] noise = {0.5, -1.25, 2, -0.25, 0, 1};
    return OpCase.of(GaussianSample.class, "[2, 3]")
        .input(-2, 2, 2, 3)
        .input(-1, 1, 2, 3)
        .calls(
            (tape, x) -> {
              Tensor eps =
                  x[0].dtype() == DType.FLOAT64
                      ? Tensor.of(tape.device(), noise, 2, 3)
                      : Tensor.of(tape.device(), floats(noise), 2, 3);
              return GaussianSample.of(x[0], x[1], tape.constant(tape.own(eps)));
            })
        .expects(x -> rows(6, i -> x[0][i] + Math.exp(x[1][i] / 2) * noise[i]))
        .twiceDifferentiable()
        .refuses(
            "logvar with the shape", (tape, x) -> GaussianSample.of(x[0], zeros(tape, 3), x[0]))
        .refuses(
            "noise with the shape", (tape, x) -> GaussianSample.of(x[0], x[1], zeros(tape, 3)));
  }
}
