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

  /** y [yShape] = alpha x + beta with x [xShape] repeated by NumPy's rule; y may be x. */
  public static void affine(
      Device device, double alpha, double beta, long[] xShape, long[] yShape, View x, View y) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_affine(
              frame.device(),
              frame.format(x),
              alpha,
              beta,
              frame.shape(xShape),
              frame.shape(yShape),
              frame.array("x", x, Shapes.size(xShape)),
              frame.array("y", y, Shapes.size(yShape))));
    } finally {
      frame.exit();
    }
  }

  /** y += alpha x. */
  public static void addScaled(Device device, double alpha, View x, View y) {
    long n = y.count();
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_add_scaled(
              frame.device(),
              frame.format(x),
              alpha,
              n,
              frame.array("x", x, n),
              frame.array("y", y, n)));
    } finally {
      frame.exit();
    }
  }

  /** y = f(a, b) by NumPy's rule, of the shape the two make together; y may be either. */
  public static void binary(
      Device device, Binary f, long[] aShape, long[] bShape, View a, View b, View y) {
    long n = Shapes.size(Shapes.broadcast(aShape, bShape));
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_binary(
              frame.device(),
              frame.format(a),
              f.ordinal(),
              frame.shape(aShape),
              frame.shape(bShape),
              frame.array("a", a, Shapes.size(aShape)),
              frame.array("b", b, Shapes.size(bShape)),
              frame.array("y", y, n)));
    } finally {
      frame.exit();
    }
  }

  /** da = dy df/da, db = dy df/db, of the result's shape; one of them may be null, or dy. */
  public static void binaryBackward(
      Device device,
      Binary f,
      long[] aShape,
      long[] bShape,
      View a,
      View b,
      View dy,
      View da,
      View db) {
    long n = Shapes.size(Shapes.broadcast(aShape, bShape));
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_binary_backward(
              frame.device(),
              frame.format(a),
              f.ordinal(),
              frame.shape(aShape),
              frame.shape(bShape),
              frame.array("a", a, Shapes.size(aShape)),
              frame.array("b", b, Shapes.size(bShape)),
              frame.array("dy", dy, n),
              frame.optional("da", da, n),
              frame.optional("db", db, n)));
    } finally {
      frame.exit();
    }
  }

  /** y [rows, width] = tanh(a) sigmoid(b), rows of x [rows, 2 width] holding a, then b. */
  public static void gatedUnit(Device device, long rows, long width, View x, View y) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_gated_unit(
              frame.device(),
              frame.format(x),
              rows,
              width,
              frame.array("x", x, Shapes.size(2, rows, width)),
              frame.array("y", y, Shapes.size(rows, width))));
    } finally {
      frame.exit();
    }
  }

  /** dx [rows, 2 width] from x and dy [rows, width]; dx may be x. */
  public static void gatedUnitBackward(
      Device device, long rows, long width, View x, View dy, View dx) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_gated_unit_backward(
              frame.device(),
              frame.format(x),
              rows,
              width,
              frame.array("x", x, Shapes.size(2, rows, width)),
              frame.array("dy", dy, Shapes.size(rows, width)),
              frame.array("dx", dx, Shapes.size(2, rows, width))));
    } finally {
      frame.exit();
    }
  }

  /** y = a where mask is not 0, else b; a or b may be null, which is zeros. */
  public static void select(Device device, View mask, View a, View b, View y) {
    long n = y.count();
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_select(
              frame.device(),
              frame.format(mask),
              n,
              frame.array("mask", mask, n),
              frame.optional("a", a, n),
              frame.optional("b", b, n),
              frame.array("y", y, n)));
    } finally {
      frame.exit();
    }
  }

  /** y = x / (1 - rate), or 0 with the chance of rate; y may be x. */
  public static void dropout(Device device, Rng rng, double rate, View x, View y) {
    long n = y.count();
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_dropout(
              frame.device(),
              frame.format(x),
              frame.rng(rng),
              rate,
              n,
              frame.array("x", x, n),
              frame.array("y", y, n)));
    } finally {
      frame.exit();
    }
  }

  /** y = x if x > 0, else x times a slope drawn from [lower, upper); y may be x. */
  public static void rrelu(Device device, Rng rng, double lower, double upper, View x, View y) {
    long n = y.count();
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_rrelu(
              frame.device(),
              frame.format(x),
              frame.rng(rng),
              lower,
              upper,
              n,
              frame.array("x", x, n),
              frame.array("y", y, n)));
    } finally {
      frame.exit();
    }
  }

  /** dx = dy if x > 0, else dy times the slope, drawn again; dx may be dy. */
  public static void rreluBackward(
      Device device, Rng rng, double lower, double upper, View x, View dy, View dx) {
    long n = dx.count();
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_rrelu_backward(
              frame.device(),
              frame.format(x),
              frame.rng(rng),
              lower,
              upper,
              n,
              frame.array("x", x, n),
              frame.array("dy", dy, n),
              frame.array("dx", dx, n)));
    } finally {
      frame.exit();
    }
  }
}
