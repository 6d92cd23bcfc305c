// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;

/**
 * A convolution that leaves taps out, as those of a PixelCNN (van den Oord, Kalchbrenner,
 * Kavukcuoglu 2016): they are not computed, and their weights stay as they are.
 *
 * <pre>{@code
 * Window w = Window.of(7, 7).same();
 * new MaskedConv(device, 3, 120, w, TapMask.causal(w, false, 3)); // mask A over RGB
 * }</pre>
 */
public class MaskedConv extends Conv {
  public MaskedConv(Device device, long in, long out, Window window, TapMask mask) {
    this(device, DType.FLOAT32, in, out, window, mask, true);
  }

  public MaskedConv(
      Device device,
      DType dtype,
      long in,
      long out,
      Window window,
      TapMask mask,
      boolean withBias) {
    super(device, dtype, in, out, window, mask, withBias);
  }
}
