// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import java.util.Arrays;
import java.util.Random;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.nn.Module;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/** Jacobians of transforms by differences and their determinants, in double. */
final class Jacobians {
  private static final double STEP = 1e-6;

  private Jacobians() {}

  /** A map of one example, flat. */
  interface Direction {
    Mapped of(Var x, Var context);
  }

  static Direction forward(Transform f) {
    return (x, context) -> f.forward(x, null, context);
  }

  static Direction inverse(Transform f) {
    return (x, context) -> f.inverse(x, null, context);
  }

  /** J[i][j] = dy_i / dx_j at an example, by central differences. */
  static double[][] numeric(
      Device device, Direction f, long[] shape, double[] x, double... context) {
    int d = x.length;
    double[] rows = new double[2 * d * d];
    for (int r = 0; r < 2 * d; r++) {
      System.arraycopy(x, 0, rows, r * d, d);
      rows[r * d + r / 2] += r % 2 == 0 ? STEP : -STEP;
    }
    double[] y = values(device, f, shape, rows, context);
    double[][] jacobian = new double[d][d];
    for (int j = 0; j < d; j++) {
      for (int i = 0; i < d; i++) {
        jacobian[i][j] = (y[2 * j * d + i] - y[(2 * j + 1) * d + i]) / (2 * STEP);
      }
    }
    return jacobian;
  }

  /** What a map makes of examples, flat. */
  static double[] values(Device device, Direction f, long[] shape, double[] x, double... context) {
    try (Tape tape = Tape.inference(device)) {
      return apply(tape, f, shape, x, context).value().value().toDoubleArray();
    }
  }

  /** Its log-determinants. */
  static double[] logDets(Device device, Direction f, long[] shape, double[] x, double... context) {
    try (Tape tape = Tape.inference(device)) {
      return apply(tape, f, shape, x, context).logDet().value().toDoubleArray();
    }
  }

  private static Mapped apply(Tape tape, Direction f, long[] shape, double[] x, double... context) {
    long[] batch = new long[shape.length + 1];
    System.arraycopy(shape, 0, batch, 1, shape.length);
    batch[0] = x.length / Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    Var given = null;
    if (context.length > 0) {
      double[] each = new double[(int) batch[0] * context.length];
      for (int i = 0; i < each.length; i++) {
        each[i] = context[i % context.length];
      }
      given = tape.constant(tape.own(Tensor.of(tape.device(), each, batch[0], context.length)));
    }
    return f.of(tape.constant(tape.own(Tensor.of(tape.device(), x, batch))), given);
  }

  /** log |det| by elimination with pivots. */
  static double logAbsDet(double[][] matrix) {
    int n = matrix.length;
    double[][] a = new double[n][];
    Arrays.setAll(a, i -> matrix[i].clone());
    double sum = 0;
    for (int k = 0; k < n; k++) {
      int best = k;
      for (int i = k + 1; i < n; i++) {
        best = Math.abs(a[i][k]) > Math.abs(a[best][k]) ? i : best;
      }
      double[] moved = a[k];
      a[k] = a[best];
      a[best] = moved;
      sum += Math.log(Math.abs(a[k][k]));
      for (int i = k + 1; i < n; i++) {
        double factor = a[i][k] / a[k][k];
        for (int j = k; j < n; j++) {
          a[i][j] -= factor * a[k][j];
        }
      }
    }
    return sum;
  }

  /** Parameters that matter: normals of a deviation added to all of them. */
  static <M extends Module> M lively(M module, double deviation, long seed) {
    Random random = new Random(seed);
    module
        .parameters()
        .values()
        .forEach(
            tensor -> {
              double[] values = tensor.toDoubleArray();
              for (int i = 0; i < values.length; i++) {
                values[i] += deviation * random.nextGaussian();
              }
              tensor.copyFrom(values);
            });
    return module;
  }

  static double[] uniforms(int count, long seed) {
    return new Random(seed).doubles(count).map(u -> 3 * u - 1.5).toArray();
  }

  static Tensor tensor(Device device, DType dtype, double[] values, long... shape) {
    try (Tensor doubles = Tensor.of(device, values, shape)) {
      return doubles.to(dtype);
    }
  }
}
