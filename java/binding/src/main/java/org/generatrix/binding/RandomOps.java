// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import org.generatrix.binding.abi.Abi;

/** random.h: counter-based random numbers. */
public final class RandomOps {
  private RandomOps() {}

  /** out[rows][units], float32, uniform in [0, 1). */
  public static void uniform(Device device, Rng rng, long rows, long units, DeviceBuffer out) {
    long count = count(rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_random_uniform(
              frame.device(), frame.rng(rng), rows, units, frame.floats("out", out, count)));
    } finally {
      frame.exit();
    }
  }

  /**
   * out[rows][units], float32, normal with the given mean and standard deviation, which is at least
   * 0.
   */
  public static void normal(
      Device device, Rng rng, float mean, float stddev, long rows, long units, DeviceBuffer out) {
    long count = count(rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_random_normal(
              frame.device(),
              frame.rng(rng),
              mean,
              stddev,
              rows,
              units,
              frame.floats("out", out, count)));
    } finally {
      frame.exit();
    }
  }

  private static long count(long rows, long units) {
    return Format.FLOAT32.bytes(rows, units) / Float.BYTES;
  }
}
