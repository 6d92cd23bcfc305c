// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import org.generatrix.binding.abi.Abi;

/** states.h: batches of binary states, as floats or as packed bits. */
public final class StateOps {
  private StateOps() {}

  /**
   * from to to, same rows and units, any two formats; float to bits is 1 where the value is at
   * least the threshold.
   */
  public static void convert(Device device, States from, float threshold, States to) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_states_convert(
              frame.device(), frame.states("from", from), threshold, frame.states("to", to)));
    } finally {
      frame.exit();
    }
  }

  /** to[r][i] ~ Bernoulli(p[r][i]), p float [rows][units] of {@code to}. */
  public static void bernoulli(Device device, DeviceBuffer p, Rng rng, States to) {
    CallFrame frame = CallFrame.enter(device);
    try {
      NativeAddress probabilities = frame.floats("p", p, count(to));
      frame.check(
          Abi.gx_states_bernoulli(
              frame.device(), probabilities, frame.rng(rng), frame.states("to", to)));
    } finally {
      frame.exit();
    }
  }

  /** to[r] = from[index[r]]; one index per row of {@code to}, the same format and units. */
  public static void gather(Device device, States from, long[] index, States to) {
    if (index.length != to.rows()) {
      throw new IllegalArgumentException(
          "expected " + to.rows() + " indices, one per row, got " + index.length);
    }
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_states_gather(
              frame.device(), frame.states("from", from), index, frame.states("to", to)));
    } finally {
      frame.exit();
    }
  }

  /** mean[i], the average over the rows, float [units]. */
  public static void mean(Device device, States from, DeviceBuffer mean) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_states_mean(
              frame.device(),
              frame.states("from", from),
              frame.floats("mean", mean, from.units())));
    } finally {
      frame.exit();
    }
  }

  private static long count(States states) {
    return Format.FLOAT32.bytes(states.rows(), states.units()) / Float.BYTES;
  }
}
