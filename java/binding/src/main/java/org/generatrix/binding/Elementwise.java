// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import org.generatrix.binding.abi.Abi;

/** elementwise.h: functions of arrays, element by element, and their gradients. */
public final class Elementwise {
  private Elementwise() {}

  /** y = f(x; p); y may be x. */
  public static void unary(Device device, Unary f, double p, View x, View y) {
    long n = y.count();
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_unary(
              frame.device(),
              frame.format(x),
              f.ordinal(),
              p,
              n,
              frame.array("x", x, n),
              frame.array("y", y, n)));
    } finally {
      frame.exit();
    }
  }

  /** dx = dy f'(x; p), from x or y as the function needs, the other may be null; dx may be dy. */
  public static void unaryBackward(
      Device device, Unary f, double p, View x, View y, View dy, View dx) {
    long n = dx.count();
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_unary_backward(
              frame.device(),
              frame.format(dy),
              f.ordinal(),
              p,
              n,
              frame.optional("x", x, n),
              frame.optional("y", y, n),
              frame.array("dy", dy, n),
              frame.array("dx", dx, n)));
    } finally {
      frame.exit();
    }
  }
}
