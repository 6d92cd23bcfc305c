// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import java.util.function.BiConsumer;
import java.util.function.DoubleUnaryOperator;
import org.generatrix.binding.Device;
import org.generatrix.binding.RandomOps;
import org.generatrix.binding.Rng;
import org.generatrix.tensor.Tensor;

/** What the initialisers share: checks, and numbers drawn on the device. */
final class Draws {
  private Draws() {}

  static void finite(String name, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(name + " must be finite, got " + value);
    }
  }

  static void notNegative(String name, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(name + " must be finite and not negative, got " + value);
    }
  }

  static int length(Tensor target) {
    if (target.size() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "expected fewer than 2^31 elements to initialise, got " + target.describe());
    }
    return (int) target.size();
  }

  static long[] weight(Tensor target) {
    if (target.shape().length < 2) {
      throw new IllegalArgumentException(
          "expected a weight [out, in, ..], got " + target + "; name another initialiser");
    }
    return target.shape();
  }

  static double[] uniform(Tensor target, long seed, DoubleUnaryOperator of) {
    return draw(
        target, of, (d, to) -> RandomOps.uniform(d, new Rng(seed, 0), 1, to.size(), to.buffer()));
  }

  static double[] normal(Tensor target, long seed, DoubleUnaryOperator of) {
    return draw(
        target,
        of,
        (d, to) -> RandomOps.normal(d, new Rng(seed, 0), 0, 1, 1, to.size(), to.buffer()));
  }

  private static double[] draw(
      Tensor target, DoubleUnaryOperator of, BiConsumer<Device, Tensor> kernel) {
    double[] values = new double[length(target)];
    try (Tensor drawn = Tensor.zeros(target.device(), values.length)) {
      kernel.accept(target.device(), drawn);
      float[] floats = drawn.toArray();
      for (int i = 0; i < values.length; i++) {
        values[i] = of.applyAsDouble(floats[i]);
      }
    }
    return values;
  }
}
