// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.estimator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.Broadcast;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Estimators of gradients against exact ones. */
class EstimatorTest {
  private static final int UNITS = 3;
  private static final int OUTCOMES = 1 << UNITS;
  private static final double[] THETA = {0.4, -1.1, 0.7}; // logits

  private final Device device = Device.cpu(1);

  @AfterEach
  void everythingIsFreed() {
    assertEquals(0, device.memory().live());
    device.close();
  }

  // --- Every outcome of UNITS Bernoulli units ---

  private static double[] outcome(int y) {
    double[] bits = new double[UNITS];
    for (int i = 0; i < UNITS; i++) {
      bits[i] = y >> i & 1;
    }
    return bits;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double probability(int y) {
    double p = 1;
    for (int i = 0; i < UNITS; i++) {
      double one = sigmoid(THETA[i]);
      p *= (y >> i & 1) == 1 ? one : 1 - one;
    }
    return p;
  }

  private static double f(int y) {
    return 2.5 + (y * 7 % 5) - 0.3 * y;
  }

  // d/d theta_i sum_y p(y) f(y) = sum_y p(y) f(y) (y_i - sigmoid(theta_i))
  private static double[] exactGradient() {
    double[] gradient = new double[UNITS];
    for (int y = 0; y < OUTCOMES; y++) {
      for (int i = 0; i < UNITS; i++) {
        gradient[i] += probability(y) * f(y) * (outcome(y)[i] - sigmoid(THETA[i]));
      }
    }
    return gradient;
  }

  private Var theta(Tape tape) {
    return tape.variable(tape.own(Tensor.of(device, THETA, UNITS)));
  }

  private Var logP(Var theta, int... outcomes) {
    double[] y = new double[outcomes.length * UNITS];
    for (int r = 0; r < outcomes.length; r++) {
      System.arraycopy(outcome(outcomes[r]), 0, y, r * UNITS, UNITS);
    }
    Tape tape = theta.tape();
    Var draws = tape.constant(tape.own(Tensor.of(device, y, outcomes.length, UNITS)));
    return Functions.bernoulliLogLikelihood(Broadcast.of(theta, outcomes.length, UNITS), draws);
  }

  private static int[] all() {
    int[] all = new int[OUTCOMES];
    Arrays.setAll(all, y -> y);
    return all;
  }

  // The estimate's mean over all draws: each outcome's signal weighted by its probability.
  private double[] expectedEstimate(double baseline) {
    try (Tape tape = Tape.training(device, 1, 0)) {
      Var theta = theta(tape);
      double[] weighted = new double[OUTCOMES];
      Arrays.setAll(weighted, y -> OUTCOMES * probability(y) * (f(y) - baseline));
      Var surrogate = Reinforce.plain().surrogate(logP(theta, all()), weighted);
      return tape.gradients(surrogate).of(theta).toDoubleArray();
    }
  }

  // Oracle 45.
  @Test
  void reinforceIsUnbiasedForEveryBaseline() {
    for (double baseline : new double[] {0, 2.5, -40}) {
      assertArrayEquals(exactGradient(), expectedEstimate(baseline), 1e-12);
    }
  }

  // Oracle 45.
  @Test
  void optimalBaselineMinimisesTheVarianceOfEachParameter() {
    double[][] scores;
    try (Tape tape = Tape.training(device, 1, 0)) {
      Var theta = theta(tape);
      scores = OptimalBaseline.scores(logP(theta, all()), theta);
    }
    for (int i = 0; i < UNITS; i++) {
      double weighted = 0;
      double weight = 0;
      for (int y = 0; y < OUTCOMES; y++) {
        assertEquals(outcome(y)[i] - sigmoid(THETA[i]), scores[y][i], 1e-12);
        weighted += probability(y) * f(y) * scores[y][i] * scores[y][i];
        weight += probability(y) * scores[y][i] * scores[y][i];
      }
      double best = weighted / weight;
      double least = variance(scores, i, best);
      for (double other : new double[] {0, best - 0.1, best + 0.1, 10}) {
        assertTrue(variance(scores, i, other) > least, "baseline " + other);
      }
    }
    // Of draws in proportion to their probabilities, the class's own baseline is that one.
    double[] f = new double[OUTCOMES];
    Arrays.setAll(f, EstimatorTest::f);
    double[][] weightedScores = new double[OUTCOMES][UNITS];
    for (int y = 0; y < OUTCOMES; y++) {
      for (int i = 0; i < UNITS; i++) {
        weightedScores[y][i] = Math.sqrt(probability(y)) * scores[y][i];
      }
    }
    double[] b = OptimalBaseline.baseline(weightedScores, f);
    for (int i = 0; i < UNITS; i++) {
      assertTrue(variance(scores, i, b[i]) <= variance(scores, i, b[i] + 1e-3));
      assertTrue(variance(scores, i, b[i]) <= variance(scores, i, b[i] - 1e-3));
    }
  }

  private static double variance(double[][] scores, int i, double baseline) {
    double mean = 0;
    double square = 0;
    for (int y = 0; y < OUTCOMES; y++) {
      double estimate = (f(y) - baseline) * scores[y][i];
      mean += probability(y) * estimate;
      square += probability(y) * estimate * estimate;
    }
    return square - mean * mean;
  }

  // Oracle 45: over every pair of draws, a draw's baseline being the other's f.
  @Test
  void optimalBaselineIsUnbiased() {
    double[] mean = new double[UNITS];
    for (int a = 0; a < OUTCOMES; a++) {
      for (int b = 0; b < OUTCOMES; b++) {
        try (Tape tape = Tape.training(device, 1, 0)) {
          Var theta = theta(tape);
          double[] f = {f(a), f(b)};
          double[] estimate =
              OptimalBaseline.gradients(logP(theta, a, b), f, theta)[0].toDoubleArray();
          for (int i = 0; i < UNITS; i++) {
            mean[i] += probability(a) * probability(b) * estimate[i];
          }
        }
      }
    }
    assertArrayEquals(exactGradient(), mean, 1e-12);
  }

  @Test
  void runningMeanAndScaleAreThoseOfTheBatchesBefore() {
    Reinforce estimator = Reinforce.withNormalisedSignal(0.8);
    assertEquals(1 * 5, signal(estimator, 5), 1e-12); // nothing seen: b = 0, scale 1
    assertEquals(new Reinforce.State(5, 0, 1), estimator.state());
    assertEquals(10 - 5, signal(estimator, 10), 1e-12);
    assertEquals(6, estimator.state().mean(), 1e-12); // .8 5 + .2 10
    assertEquals(5, estimator.state().variance(), 1e-12); // .2 5^2
    assertEquals((8 - 6) / Math.sqrt(5), signal(estimator, 8), 1e-12);
    Reinforce resumed = Reinforce.withNormalisedSignal(0.8);
    resumed.restore(estimator.state());
    assertEquals(signal(estimator, 3), signal(resumed, 3), 0);
    Reinforce mean = Reinforce.withRunningMean(0.5);
    signal(mean, 4);
    assertEquals(9 - 4, signal(mean, 9), 1e-12);
    assertEquals(7, signal(Reinforce.plain(), 7), 1e-12);
  }

  // What multiplies the score of a single draw: the gradient by its log-probability.
  private double signal(Reinforce estimator, double f) {
    try (Tape tape = Tape.training(device, 1, 0)) {
      Var logP = tape.variable(tape.own(Tensor.zeros(device, DType.FLOAT64, 1)));
      return tape.gradients(estimator.surrogate(logP, f)).of(logP).toDoubleArray()[0];
    }
  }

  @Test
  void learnedBaselineIsTrainedBySquaredErrorAndGetsNoGradientFromTheSignal() {
    Reinforce estimator = Reinforce.withRunningMean(0.8);
    estimator.restore(new Reinforce.State(1, 0, 5));
    try (Tape tape = Tape.training(device, 1, 0)) {
      Var logP = tape.variable(tape.own(Tensor.of(device, new double[] {-1, -2}, 2)));
      Var prediction = tape.variable(tape.own(Tensor.of(device, new double[] {3, 0.5}, 2)));
      Var loss = estimator.baselineLoss(prediction, 6, 2);
      assertEquals((2 * 2 + 0.5 * 0.5) / 2, loss.item(), 1e-12);
      Var surrogate = estimator.surrogate(logP, prediction, 6, 2);
      var gradients = tape.gradients(surrogate.add(loss));
      assertArrayEquals(
          new double[] {(6 - 3 - 1) / 2.0, (2 - 0.5 - 1) / 2.0},
          gradients.of(logP).toDoubleArray(),
          1e-12);
      assertArrayEquals(
          new double[] {-(6 - 1 - 3), -(2 - 1 - 0.5)},
          gradients.of(prediction).toDoubleArray(),
          1e-12);
    }
  }

  // Oracle 44: with f = x^2 and noise of mean 0 and variance 1, 2 mu and 2 s exactly.
  @Test
  void reparameterisationHasTheSlopesOfTheMeanSquare() {
    double mu = 0.7;
    double s = 1.3;
    try (Tape tape = Tape.training(device, 1, 0)) {
      Var mean = tape.variable(tape.own(Tensor.of(device, new double[] {mu}, 1)));
      Var scale = tape.variable(tape.own(Tensor.of(device, new double[] {s}, 1)));
      Var noise = tape.constant(tape.own(Tensor.of(device, new double[] {-1, 1}, 2)));
      Var z = Reparameterisation.locationScale(mean, scale, noise);
      var gradients = tape.gradients(z.mul(z).mean());
      assertEquals(2 * mu, gradients.of(mean).toDoubleArray()[0], 1e-12);
      assertEquals(2 * s, gradients.of(scale).toDoubleArray()[0], 1e-12);
    }
  }

  // Oracle 46: the two estimators of d/d mu E[(x - 1)^2], draw by draw.
  @Test
  void bothEstimatorsAgreeOnAGaussianAndReinforceVariesMore() {
    int n = 20_000;
    double mu = -0.4;
    double logvar = 0.3;
    double[] pathwise;
    double[] score;
    try (Tape tape = Tape.training(device, 5, 0)) {
      double[] means = new double[n];
      double[] logvars = new double[n];
      Arrays.fill(means, mu);
      Arrays.fill(logvars, logvar);
      Var mean = tape.variable(tape.own(Tensor.of(device, means, n)));
      Var log = tape.constant(tape.own(Tensor.of(device, logvars, n)));
      Var z = Reparameterisation.gaussian(mean, log);
      Var distance = z.sub(1);
      Var f = distance.mul(distance);
      pathwise = tape.gradients(f.sum()).of(mean).toDoubleArray();
      Var logP = Functions.gaussianLogDensity(z.detach(), mean, log);
      Var surrogate = Reinforce.plain().surrogate(logP, f.value().toDoubleArray());
      score = tape.gradients(surrogate.mul(n)).of(mean).toDoubleArray();
    }
    double exact = 2 * (mu - 1);
    double[] a = meanAndVariance(pathwise);
    double[] b = meanAndVariance(score);
    assertEquals(exact, a[0], 5 * Math.sqrt(a[1] / n));
    assertEquals(exact, b[0], 5 * Math.sqrt(b[1] / n));
    assertTrue(b[1] > 2 * a[1], "variances " + a[1] + " and " + b[1]);
  }

  private static double[] meanAndVariance(double... x) {
    double mean = Arrays.stream(x).average().orElseThrow();
    return new double[] {
      mean, Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow()
    };
  }

  @Test
  void refusesWhatItCannotDo() {
    assertThrows(IllegalArgumentException.class, () -> Reinforce.withRunningMean(1));
    assertThrows(IllegalArgumentException.class, () -> Reinforce.withNormalisedSignal(Double.NaN));
    try (Tape tape = Tape.training(device, 1, 0)) {
      Var theta = theta(tape);
      Var logP = logP(theta, 1, 2);
      Reinforce plain = Reinforce.plain();
      assertThrows(IllegalArgumentException.class, () -> plain.surrogate(logP, 1, 2, 3));
      assertThrows(IllegalArgumentException.class, () -> plain.surrogate(logP, 1, Double.NaN));
      assertThrows(IllegalArgumentException.class, () -> plain.surrogate(logP, theta, 1, 2));
      assertThrows(IllegalArgumentException.class, () -> plain.baselineLoss(theta, 1));
      assertThrows(
          IllegalArgumentException.class,
          () -> OptimalBaseline.gradients(logP(theta, 1), new double[] {1}, theta));
      assertThrows(
          IllegalArgumentException.class,
          () -> OptimalBaseline.gradients(logP, new double[] {1, 2, 3}, theta));
      assertThrows(IllegalArgumentException.class, () -> OptimalBaseline.scores(logP.sum(), theta));
    }
  }
}
