// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import org.generatrix.autograd.Convolutions;
import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Device;
import org.generatrix.nn.Fusible;
import org.generatrix.nn.Initialiser;
import org.generatrix.nn.Module;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * conv(x, W) + b with W_r = g_r v_r / |v_r| for each output channel r (Salimans and Kingma 2016):
 * "weight_g" [out, 1, ..], "weight_v" [out, in / groups, kernel] and "bias" [out], named as in
 * PyTorch. v begins as {@link Conv}'s weights, g at the length that its rows have in the mean, the
 * root of 2; biases begin at 0.
 */
public final class WeightNormConv extends Module implements Fusible {
  private final Window window;
  private final Tensor g;
  private final Tensor v;
  private final Tensor bias; // or null

  public WeightNormConv(Device device, long in, long out, Window window) {
    this(device, DType.FLOAT32, in, out, window, true);
  }

  public WeightNormConv(
      Device device, DType dtype, long in, long out, Window window, boolean withBias) {
    int groups = window.groups();
    if (in < 1 || out < 1 || in % groups != 0 || out % groups != 0) {
      throw new IllegalArgumentException(
          "expected channels that %d groups divide, got %d in and %d out"
              .formatted(groups, in, out));
    }
    this.window = window;
    long[] shape = new long[window.axes() + 2];
    long[] rows = new long[shape.length];
    shape[0] = rows[0] = out;
    shape[1] = in / groups;
    rows[1] = 1;
    for (int a = 0; a < window.axes(); a++) {
      shape[a + 2] = window.kernel().get(a);
      rows[a + 2] = 1;
    }
    g =
        parameter(
            "weight_g",
            Tensor.zeros(device, dtype, rows),
            Initialiser.constant(Math.sqrt(2))); // fan elements of variance 2 / fan
    v =
        parameter(
            "weight_v",
            Tensor.zeros(device, dtype, shape),
            ConvLayer.he(in, window, TapMask.all(), false));
    bias =
        withBias ? parameter("bias", Tensor.zeros(device, dtype, out), Initialiser.zeros()) : null;
  }

  /** W [out, in / groups, kernel] of this moment. */
  public Var weight(Tape tape) {
    return Functions.weightNorm(tape.variable(v), tape.variable(g));
  }

  @Override
  public Var apply(Var x, Activation f, double p) {
    Tape tape = x.tape();
    return Convolutions.conv(
        x, weight(tape), bias == null ? null : tape.variable(bias), window, f, p);
  }
}
