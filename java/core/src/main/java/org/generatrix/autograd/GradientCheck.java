// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * Checks gradients against central differences, in double: each input must be float64, which runs
 * every operation on its reference.
 *
 * <pre>{@code
 * GradientCheck.check(device, (tape, x) -> tanh(x[0]), Tensor.of(device, new double[] {.1, -.7}, 2));
 * }</pre>
 */
public final class GradientCheck {
  /** Of the central differences. */
  private static final double STEP = 1e-5;

  /** Of the comparison, relative to the larger of 1 and the expected value. */
  private static final double TOLERANCE = 1e-5;

  private static final long SEED = 20_26;

  /** A computation to check; it must draw the same numbers from the tape each time. */
  public interface Function {
    Var apply(Tape tape, Var... x);
  }

  private GradientCheck() {}

  /**
   * Compares the gradient of sum(r f(x)), r fixed random weights, with respect to every element of
   * every input.
   *
   * @throws IllegalStateException that names the worst element, if they differ by more than 1e-5
   *     max(1, |expected|)
   */
  public static void check(Device device, Function f, Tensor... inputs) {
    double[][] analytic = new double[inputs.length][];
    double[] weights;
    for (Tensor input : inputs) {
      if (input.dtype() != DType.FLOAT64) {
        throw new IllegalArgumentException("expected inputs of FLOAT64, got " + input.describe());
      }
    }
    try (Tape tape = Tape.training(device, SEED, 0)) {
      Var[] x = variables(tape, inputs);
      Var y = f.apply(tape, x);
      weights = weights(y.size());
      try (Tensor dy = Tensor.of(device, weights, y.shape())) {
        Var[] gradients = tape.differentiate(y, dy, false, x);
        for (int i = 0; i < inputs.length; i++) {
          analytic[i] =
              gradients[i] == null
                  ? new double[(int) inputs[i].size()]
                  : gradients[i].value().toDoubleArray();
        }
      }
    }
    compare(device, f, weights, analytic, inputs);
  }

  /** As {@link #check}, for the gradient of each gradient: second derivatives. */
  public static void checkTwice(Device device, Function f, Tensor... inputs) {
    for (int i = 0; i < inputs.length; i++) {
      int which = i;
      check(
          device,
          (tape, x) -> {
            Var y = f.apply(tape, x);
            Tensor dy = tape.own(Tensor.of(device, weights(y.size()), y.shape()));
            Var dx = tape.differentiate(y, dy, true, x[which])[0];
            return dx == null
                ? tape.constant(tape.own(Tensor.zeros(device, DType.FLOAT64, x[which].shape())))
                : dx;
          },
          inputs);
    }
  }

  private static void compare(
      Device device, Function f, double[] weights, double[][] analytic, Tensor... inputs) {
    double worst = 0;
    String sentence = null;
    for (int i = 0; i < inputs.length; i++) {
      double[] x = inputs[i].toDoubleArray();
      for (int j = 0; j < x.length; j++) {
        double numeric =
            (at(device, f, weights, i, x, j, STEP, inputs)
                    - at(device, f, weights, i, x, j, -STEP, inputs))
                / (2 * STEP);
        double error = Math.abs(analytic[i][j] - numeric) / Math.max(1, Math.abs(numeric));
        if (!(error <= TOLERANCE) && !(error <= worst)) {
          worst = error;
          sentence =
              "expected the derivative %.9g (central difference) for element %d of input %d, got %.9g"
                  .formatted(numeric, j, i, analytic[i][j]);
        }
      }
    }
    if (sentence != null) {
      throw new IllegalStateException(sentence);
    }
  }

  // sum(weights f(x)) with element j of input i moved by step.
  private static double at(
      Device device,
      Function f,
      double[] weights,
      int i,
      double[] x,
      int j,
      double step,
      Tensor... inputs) {
    double[] moved = x.clone();
    moved[j] += step;
    try (Tape tape = Tape.training(device, SEED, 0);
        Tensor other = Tensor.of(device, moved, inputs[i].shape())) {
      Tensor[] all = inputs.clone();
      all[i] = other;
      double[] y = f.apply(tape, variables(tape, all)).value().toDoubleArray();
      double sum = 0;
      for (int k = 0; k < y.length; k++) {
        sum += weights[k] * y[k];
      }
      return sum;
    }
  }

  private static Var[] variables(Tape tape, Tensor... inputs) {
    Var[] x = new Var[inputs.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = tape.variable(inputs[i]);
    }
    return x;
  }

  // Fixed, of either sign, none near 0.
  private static double[] weights(long size) {
    double[] weights = new double[(int) size];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (i % 2 == 0 ? 1 : -1) * (0.5 + (i * 0.618034) % 1);
    }
    return weights;
  }
}
