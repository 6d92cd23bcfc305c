// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.generatrix.tensor.Tensor;

/**
 * How a parameter begins. Each is a record, so that it can stand in a configuration; the static
 * methods name the usual ones.
 *
 * <p>The fans of a weight [out, in, k..] are in k.. and out k..; the product of all sizes but the
 * first two is the receptive field.
 */
public sealed interface Initialiser {

  /** Replaces the elements by draws that depend on the seed, the shape and the rule alone. */
  void fill(Tensor target, long seed);

  static Initialiser zeros() {
    return constant(0);
  }

  static Initialiser constant(double value) {
    return new Constant(value);
  }

  /** Uniform in [low, high). */
  static Initialiser uniform(double low, double high) {
    return new Uniform(low, high);
  }

  static Initialiser normal(double mean, double stddev) {
    return new Normal(mean, stddev);
  }

  /** Glorot and Bengio 2010: uniform with variance 2 / (fan in + fan out), for tanh and linear. */
  static Initialiser glorotUniform() {
    return new VarianceScaling(1, Fan.AVERAGE, Draw.UNIFORM);
  }

  /** Normal with variance 2 / (fan in + fan out). */
  static Initialiser glorotNormal() {
    return new VarianceScaling(1, Fan.AVERAGE, Draw.NORMAL);
  }

  /** He et al. 2015: uniform with variance 2 / fan in, for ReLU. */
  static Initialiser heUniform() {
    return new VarianceScaling(2, Fan.IN, Draw.UNIFORM);
  }

  /** Normal with variance 2 / fan in. */
  static Initialiser heNormal() {
    return new VarianceScaling(2, Fan.IN, Draw.NORMAL);
  }

  /** Radford, Metz, Chintala 2015, for every weight of a DCGAN: normal with deviation 0.02. */
  static Initialiser dcgan() {
    return normal(0, 0.02);
  }

  /**
   * The weights [out, in, k..] of a convolution that changes nothing (Yu and Koltun 2016): 1 from
   * each channel to itself in the middle of the kernel, else 0.
   */
  static Initialiser identityKernel() {
    return new IdentityKernel();
  }

  /** Saxe, McClelland, Ganguli 2014: a random orthogonal matrix. */
  static Initialiser orthogonal() {
    return new Orthogonal(1);
  }

  /** The seed of one parameter: a hash of the model's seed and the parameter's name. */
  static long seed(long seed, String name) {
    long hash = 0xcbf29ce484222325L; // FNV-1a
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    long z = seed * 0x9E3779B97F4A7C15L + hash; // and the finish of SplitMix64
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Every element the same finite value. */
  record Constant(double value) implements Initialiser {
    public Constant {
      Draws.finite("value", value);
    }

    @Override
    public void fill(Tensor target, long seed) {
      double[] values = new double[Draws.length(target)];
      Arrays.fill(values, value);
      target.copyFrom(values);
    }
  }

  /** W[c, c, middle] = 1, else 0; sizes of the kernel are odd. */
  record IdentityKernel() implements Initialiser {
    @Override
    public void fill(Tensor target, long seed) {
      long[] shape = Draws.weight(target);
      long taps = 1;
      for (int axis = 2; axis < shape.length; axis++) {
        taps *= shape[axis];
      }
      if (taps % 2 == 0) {
        throw new IllegalArgumentException(
            "expected a kernel with a middle, got " + target.describe());
      }
      double[] values = new double[Draws.length(target)];
      for (long c = 0; c < Math.min(shape[0], shape[1]); c++) {
        values[Math.toIntExact((c * shape[1] + c) * taps + taps / 2)] = 1;
      }
      target.copyFrom(values);
    }
  }

  /** Uniform in [low, high). */
  record Uniform(double low, double high) implements Initialiser {
    public Uniform {
      Draws.finite("low", low);
      Draws.finite("high", high);
      if (low > high) {
        throw new IllegalArgumentException("low must be at most high, got " + low + " and " + high);
      }
    }

    @Override
    public void fill(Tensor target, long seed) {
      target.copyFrom(Draws.uniform(target, seed, u -> low + (high - low) * u));
    }
  }

  /** Normal with a mean and a standard deviation, which is at least 0. */
  record Normal(double mean, double stddev) implements Initialiser {
    public Normal {
      Draws.finite("mean", mean);
      Draws.notNegative("stddev", stddev);
    }

    @Override
    public void fill(Tensor target, long seed) {
      target.copyFrom(Draws.normal(target, seed, z -> mean + stddev * z));
    }
  }

  /** Which fan scales the variance. */
  enum Fan {
    IN,
    OUT,
    AVERAGE
  }

  /** What is drawn. */
  enum Draw {
    UNIFORM,
    NORMAL
  }

  /** Mean 0, variance scale / fan. */
  record VarianceScaling(double scale, Fan fan, Draw draw) implements Initialiser {
    public VarianceScaling {
      Draws.notNegative("scale", scale);
      Objects.requireNonNull(fan, "fan");
      Objects.requireNonNull(draw, "draw");
    }

    @Override
    public void fill(Tensor target, long seed) {
      double variance = scale / fanOf(target);
      if (draw == Draw.NORMAL) {
        new Normal(0, Math.sqrt(variance)).fill(target, seed);
      } else {
        double limit = Math.sqrt(3 * variance);
        new Uniform(-limit, limit).fill(target, seed);
      }
    }

    private double fanOf(Tensor target) {
      long[] shape = Draws.weight(target);
      double field = 1;
      for (int i = 2; i < shape.length; i++) {
        field *= shape[i];
      }
      double in = shape[1] * field;
      double out = shape[0] * field;
      double fans = fan == Fan.IN ? in : fan == Fan.OUT ? out : (in + out) / 2;
      return Math.max(1, fans);
    }
  }

  /**
   * gain Q, where Q [out, in k..] has orthonormal rows, or columns if it is taller than wide: the
   * Householder QR of a normal matrix, with the signs that make it uniform (Mezzadri 2007).
   */
  record Orthogonal(double gain) implements Initialiser {
    public Orthogonal {
      Draws.finite("gain", gain);
    }

    @Override
    public void fill(Tensor target, long seed) {
      long[] shape = Draws.weight(target);
      int rows = (int) shape[0];
      int columns = rows == 0 ? 0 : (int) (target.size() / rows);
      double[] normal = Draws.normal(target, seed, z -> z);
      int tall = Math.max(rows, columns);
      int narrow = Math.min(rows, columns);
      double[][] q = Householder.orthonormal(normal, tall, narrow); // [narrow][tall], its columns
      double[] values = new double[normal.length];
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          values[r * columns + c] = gain * (rows >= columns ? q[c][r] : q[r][c]);
        }
      }
      target.copyFrom(values);
    }
  }
}
