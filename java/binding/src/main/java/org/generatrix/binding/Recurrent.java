// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import org.generatrix.binding.abi.Abi;

/**
 * recurrent.h: steps of recurrent cells of {@code rows} sequences and {@code units} units, and
 * their gradients. The equations, the order of the gates and what may be the same array stand
 * there.
 */
public final class Recurrent {
  private Recurrent() {}

  /** h' = tanh(x + h), all [rows, units]. */
  public static void rnn(Device device, long rows, long units, View x, View h, View hOut) {
    long state = Math.multiplyExact(rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_rnn_cell(
              frame.device(),
              frame.format(x),
              rows,
              units,
              frame.array("x_gates", x, state),
              frame.array("h_gates", h, state),
              frame.array("h_out", hOut, state)));
    } finally {
      frame.exit();
    }
  }

  /** dh and dhNext are added up; either may be null. */
  public static void rnnBackward(
      Device device, long rows, long units, View hOut, View dh, View dhNext, View dGates) {
    long state = Math.multiplyExact(rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_rnn_cell_backward(
              frame.device(),
              frame.format(hOut),
              rows,
              units,
              frame.array("h_out", hOut, state),
              frame.optional("dh", dh, state),
              frame.optional("dh_next", dhNext, state),
              frame.array("dgates", dGates, state)));
    } finally {
      frame.exit();
    }
  }

  /** Gates are [rows, 4 units] in the order i, f, g, o. */
  public static void lstm(
      Device device,
      long rows,
      long units,
      View x,
      View h,
      View c,
      View gates,
      View hOut,
      View cOut) {
    long state = Math.multiplyExact(rows, units);
    long wide = Math.multiplyExact(4, state);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_lstm_cell(
              frame.device(),
              frame.format(x),
              rows,
              units,
              frame.array("x_gates", x, wide),
              frame.array("h_gates", h, wide),
              frame.array("c", c, state),
              frame.array("gates", gates, wide),
              frame.array("h_out", hOut, state),
              frame.array("c_out", cOut, state)));
    } finally {
      frame.exit();
    }
  }

  /** dh and dhNext are added up; each of them, and dcOut, may be null. */
  public static void lstmBackward(
      Device device,
      long rows,
      long units,
      View gates,
      View c,
      View cOut,
      View dh,
      View dhNext,
      View dcOut,
      View dGates,
      View dc) {
    long state = Math.multiplyExact(rows, units);
    long wide = Math.multiplyExact(4, state);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_lstm_cell_backward(
              frame.device(),
              frame.format(gates),
              rows,
              units,
              frame.array("gates", gates, wide),
              frame.array("c", c, state),
              frame.array("c_out", cOut, state),
              frame.optional("dh", dh, state),
              frame.optional("dh_next", dhNext, state),
              frame.optional("dc_out", dcOut, state),
              frame.array("dgates", dGates, wide),
              frame.array("dc", dc, state)));
    } finally {
      frame.exit();
    }
  }

  /** Gates are [rows, 3 units] in the order r, z, n. */
  public static void gru(
      Device device, long rows, long units, View x, View hGates, View h, View gates, View hOut) {
    long state = Math.multiplyExact(rows, units);
    long wide = Math.multiplyExact(3, state);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_gru_cell(
              frame.device(),
              frame.format(x),
              rows,
              units,
              frame.array("x_gates", x, wide),
              frame.array("h_gates", hGates, wide),
              frame.array("h", h, state),
              frame.array("gates", gates, wide),
              frame.array("h_out", hOut, state)));
    } finally {
      frame.exit();
    }
  }

  /** dhOut and dhNext are added up; either may be null. */
  public static void gruBackward(
      Device device,
      long rows,
      long units,
      View gates,
      View hGates,
      View h,
      View dhOut,
      View dhNext,
      View dxGates,
      View dhGates,
      View dh) {
    long state = Math.multiplyExact(rows, units);
    long wide = Math.multiplyExact(3, state);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_gru_cell_backward(
              frame.device(),
              frame.format(gates),
              rows,
              units,
              frame.array("gates", gates, wide),
              frame.array("h_gates", hGates, wide),
              frame.array("h", h, state),
              frame.optional("dh_out", dhOut, state),
              frame.optional("dh_next", dhNext, state),
              frame.array("dx_gates", dxGates, wide),
              frame.array("dh_gates", dhGates, wide),
              frame.array("dh", dh, state)));
    } finally {
      frame.exit();
    }
  }
}
