// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Device;
import org.generatrix.nn.Initialiser;
import org.generatrix.tensor.DType;

/**
 * A transposed convolution with "weight" W [in, out / groups, kernel] and "bias" b [out]:
 * torch.nn.ConvTranspose1d, 2d and 3d. Along each axis it makes (size - 1) stride - 2 padding +
 * dilation (kernel - 1) + output padding + 1 of size.
 */
public class ConvTranspose extends ConvLayer {
  /** Float32, with a bias, initialised as {@link ConvLayer} says. */
  public ConvTranspose(Device device, long in, long out, Window window) {
    this(device, DType.FLOAT32, in, out, window, TapMask.all(), true);
  }

  /** Initialised as {@link ConvLayer} says. */
  public ConvTranspose(
      Device device,
      DType dtype,
      long in,
      long out,
      Window window,
      TapMask mask,
      boolean withBias) {
    this(device, dtype, in, out, window, mask, withBias, he(in, window, mask, true));
  }

  public ConvTranspose(
      Device device,
      DType dtype,
      long in,
      long out,
      Window window,
      TapMask mask,
      boolean withBias,
      Initialiser initialiser) {
    super(device, dtype, in, out, window, mask, withBias, initialiser, true);
  }
}
