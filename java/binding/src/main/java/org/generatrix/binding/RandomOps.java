// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import org.generatrix.binding.abi.Abi;

/** random.h: counter-based random numbers, [rows][units], in float32 or float64. */
public final class RandomOps {
  private RandomOps() {}

  /** out uniform in [0, 1). */
  public static void uniform(Device device, Rng rng, long rows, long units, View out) {
    long count = count(rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      int format = frame.format(out);
      frame.check(
          Abi.gx_random_uniform(
              frame.device(), format, frame.rng(rng), rows, units, frame.array("out", out, count)));
    } finally {
      frame.exit();
    }
  }

  /** As {@link #uniform(Device, Rng, long, long, View)}, the whole buffer as float32. */
  public static void uniform(Device device, Rng rng, long rows, long units, DeviceBuffer out) {
    uniform(device, rng, rows, units, floats(out, rows, units));
  }

  /** out normal with the given mean and standard deviation, which is at least 0. */
  public static void normal(
      Device device, Rng rng, double mean, double stddev, long rows, long units, View out) {
    long count = count(rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      int format = frame.format(out);
      frame.check(
          Abi.gx_random_normal(
              frame.device(),
              format,
              frame.rng(rng),
              mean,
              stddev,
              rows,
              units,
              frame.array("out", out, count)));
    } finally {
      frame.exit();
    }
  }

  /** As the other, the whole buffer as float32. */
  public static void normal(
      Device device, Rng rng, double mean, double stddev, long rows, long units, DeviceBuffer out) {
    normal(device, rng, mean, stddev, rows, units, floats(out, rows, units));
  }

  /** out = 1 with probability p, else 0; out may be p. The draws of {@link StateOps#bernoulli}. */
  public static void bernoulli(Device device, Rng rng, long rows, long units, View p, View out) {
    long count = count(rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      int format = frame.format(p);
      frame.check(
          Abi.gx_random_bernoulli(
              frame.device(),
              format,
              frame.rng(rng),
              rows,
              units,
              frame.array("p", p, count),
              frame.array("out", out, count)));
    } finally {
      frame.exit();
    }
  }

  /** out exponential of rate 1. */
  public static void exponential(Device device, Rng rng, long rows, long units, View out) {
    long count = count(rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      int format = frame.format(out);
      frame.check(
          Abi.gx_random_exponential(
              frame.device(), format, frame.rng(rng), rows, units, frame.array("out", out, count)));
    } finally {
      frame.exit();
    }
  }

  /** out standard Gumbel. */
  public static void gumbel(Device device, Rng rng, long rows, long units, View out) {
    long count = count(rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      int format = frame.format(out);
      frame.check(
          Abi.gx_random_gumbel(
              frame.device(), format, frame.rng(rng), rows, units, frame.array("out", out, count)));
    } finally {
      frame.exit();
    }
  }

  /** out gamma of the given shape and rate 1. */
  public static void gamma(Device device, Rng rng, double shape, long rows, long units, View out) {
    gamma(device, rng, shape, null, rows, units, out);
  }

  /** out gamma of a shape for each element and rate 1; out may be the shapes. */
  public static void gamma(Device device, Rng rng, View shapes, long rows, long units, View out) {
    gamma(device, rng, Double.NaN, shapes, rows, units, out);
  }

  private static void gamma(
      Device device, Rng rng, double shape, View shapes, long rows, long units, View out) {
    long count = count(rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      int format = frame.format(out);
      frame.check(
          Abi.gx_random_gamma(
              frame.device(),
              format,
              frame.rng(rng),
              shape,
              frame.optional("shapes", shapes, count),
              rows,
              units,
              frame.array("out", out, count)));
    } finally {
      frame.exit();
    }
  }

  private static View floats(DeviceBuffer buffer, long rows, long units) {
    return new View(buffer, 0, count(rows, units), Format.FLOAT32);
  }

  private static long count(long rows, long units) {
    return Format.FLOAT32.bytes(rows, units) / Float.BYTES;
  }
}
