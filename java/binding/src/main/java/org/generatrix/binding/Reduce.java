// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import org.generatrix.binding.abi.Abi;

/**
 * reduce.h: sums, means and extremes over axes. Bit i of {@code axes} stands for axis i; results
 * have the other axes in their order.
 */
public final class Reduce {
  private Reduce() {}

  /** y = the reduction of x [shape]. */
  public static void reduce(
      Device device, Reduction reduction, long[] shape, int axes, View x, View y) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_reduce(
              frame.device(),
              frame.format(x),
              reduction.ordinal(),
              frame.shape(shape),
              axes,
              frame.array("x", x, Shapes.size(shape)),
              frame.array("y", y, Shapes.sizeWithout(axes, shape))));
    } finally {
      frame.exit();
    }
  }

  /** y = the sum of a b, both [shape]. */
  public static void dot(Device device, long[] shape, int axes, View a, View b, View y) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_reduce_dot(
              frame.device(),
              frame.format(a),
              frame.shape(shape),
              axes,
              frame.array("a", a, Shapes.size(shape)),
              frame.array("b", b, Shapes.size(shape)),
              frame.array("y", y, Shapes.sizeWithout(axes, shape))));
    } finally {
      frame.exit();
    }
  }

  /** index = where the MAX or MIN stands among the elements reduced into one. */
  public static void arg(
      Device device, Reduction reduction, long[] shape, int axes, View x, View index) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_reduce_arg(
              frame.device(),
              frame.format(x),
              reduction.ordinal(),
              frame.shape(shape),
              axes,
              frame.array("x", x, Shapes.size(shape)),
              frame.array("index", index, Shapes.sizeWithout(axes, shape))));
    } finally {
      frame.exit();
    }
  }

  /** dx = dy where the MAX or MIN of x [shape] stands, elsewhere 0. */
  public static void extremeBackward(
      Device device, Reduction reduction, long[] shape, int axes, View x, View dy, View dx) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_reduce_extreme_backward(
              frame.device(),
              frame.format(x),
              reduction.ordinal(),
              frame.shape(shape),
              axes,
              frame.array("x", x, Shapes.size(shape)),
              frame.array("dy", dy, Shapes.sizeWithout(axes, shape)),
              frame.array("dx", dx, Shapes.size(shape))));
    } finally {
      frame.exit();
    }
  }
}
