// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import org.generatrix.binding.abi.Abi;

/** softmax.h: over the middle axis of [outer, n, inner]. */
public final class Softmax {
  private Softmax() {}

  /** y = softmax x, or its logarithm; y may be x. */
  public static void softmax(
      Device device, boolean log, long outer, long n, long inner, View x, View y) {
    long size = Shapes.size(outer, n, inner);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_softmax(
              frame.device(),
              frame.format(x),
              function(log),
              outer,
              n,
              inner,
              frame.array("x", x, size),
              frame.array("y", y, size)));
    } finally {
      frame.exit();
    }
  }

  /** The gradient, from the result y; dx may be dy. */
  public static void softmaxBackward(
      Device device, boolean log, long outer, long n, long inner, View y, View dy, View dx) {
    long size = Shapes.size(outer, n, inner);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_softmax_backward(
              frame.device(),
              frame.format(y),
              function(log),
              outer,
              n,
              inner,
              frame.array("y", y, size),
              frame.array("dy", dy, size),
              frame.array("dx", dx, size)));
    } finally {
      frame.exit();
    }
  }

  /** y [outer, inner] = log sum e^x. */
  public static void logSumExp(Device device, long outer, long n, long inner, View x, View y) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_logsumexp(
              frame.device(),
              frame.format(x),
              outer,
              n,
              inner,
              frame.array("x", x, Shapes.size(outer, n, inner)),
              frame.array("y", y, Shapes.size(outer, inner))));
    } finally {
      frame.exit();
    }
  }

  /** dx = dy e^(x - y), y and dy [outer, inner]; dx may be x. */
  public static void logSumExpBackward(
      Device device, long outer, long n, long inner, View x, View y, View dy, View dx) {
    long size = Shapes.size(outer, n, inner);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_logsumexp_backward(
              frame.device(),
              frame.format(x),
              outer,
              n,
              inner,
              frame.array("x", x, size),
              frame.array("y", y, Shapes.size(outer, inner)),
              frame.array("dy", dy, Shapes.size(outer, inner)),
              frame.array("dx", dx, size)));
    } finally {
      frame.exit();
    }
  }

  private static int function(boolean log) {
    return log ? Abi.GX_LOG_SOFTMAX : Abi.GX_SOFTMAX;
  }
}
