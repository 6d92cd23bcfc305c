// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import org.generatrix.binding.abi.Abi;

/** vmath.h: elementwise functions, y[i] = f(x[i]) for i < n, float32; y may be x. */
public final class VectorOps {
  private VectorOps() {}

  @FunctionalInterface
  private interface Function {
    int apply(
        org.generatrix.binding.abi.gx_device device, long n, NativeAddress x, NativeAddress y);
  }

  public static void exp(Device device, long n, DeviceBuffer x, DeviceBuffer y) {
    apply(device, n, x, y, Abi::gx_vector_exp);
  }

  public static void log(Device device, long n, DeviceBuffer x, DeviceBuffer y) {
    apply(device, n, x, y, Abi::gx_vector_log);
  }

  public static void sigmoid(Device device, long n, DeviceBuffer x, DeviceBuffer y) {
    apply(device, n, x, y, Abi::gx_vector_sigmoid);
  }

  public static void softplus(Device device, long n, DeviceBuffer x, DeviceBuffer y) {
    apply(device, n, x, y, Abi::gx_vector_softplus);
  }

  private static void apply(
      Device device, long n, DeviceBuffer x, DeviceBuffer y, Function function) {
    Format.FLOAT32.bytes(1, n);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          function.apply(frame.device(), n, frame.floats("x", x, n), frame.floats("y", y, n)));
    } finally {
      frame.exit();
    }
  }
}
