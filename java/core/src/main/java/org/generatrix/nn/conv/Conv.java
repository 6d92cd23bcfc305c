// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Device;
import org.generatrix.nn.Initialiser;
import org.generatrix.tensor.DType;

/**
 * conv(x, W) + b with "weight" W [out, in / groups, kernel] and "bias" b [out], over as many axes
 * as the window has; torch.nn.Conv1d, Conv2d and Conv3d.
 *
 * <pre>{@code
 * Conv conv = new Conv(device, 3, 64, Window.of(4, 4).stride(2).padding(1)); // 32 x 32 to 16 x 16
 * Var h = conv.apply(x, Nonlinearity.RELU);
 * }</pre>
 */
public class Conv extends ConvLayer {
  /** Float32, with a bias, initialised as {@link ConvLayer} says. */
  public Conv(Device device, long in, long out, Window window) {
    this(device, DType.FLOAT32, in, out, window, TapMask.all(), true);
  }

  /** Initialised as {@link ConvLayer} says. */
  public Conv(
      Device device,
      DType dtype,
      long in,
      long out,
      Window window,
      TapMask mask,
      boolean withBias) {
    this(device, dtype, in, out, window, mask, withBias, he(in, window, mask, false));
  }

  public Conv(
      Device device,
      DType dtype,
      long in,
      long out,
      Window window,
      TapMask mask,
      boolean withBias,
      Initialiser initialiser) {
    super(device, dtype, in, out, window, mask, withBias, initialiser, false);
  }
}
