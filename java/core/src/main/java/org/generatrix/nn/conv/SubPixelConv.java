// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import org.generatrix.autograd.Resampling;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Device;
import org.generatrix.nn.Fusible;
import org.generatrix.nn.Module;
import org.generatrix.tensor.DType;

/**
 * A convolution, "conv", to r r times the channels, which then become the r x r pixels of a larger
 * picture (Shi et al., "Real-time single image and video super-resolution", 2016, equation 4).
 */
public final class SubPixelConv extends Module implements Fusible {
  private final int factor;
  private final Conv conv;

  public SubPixelConv(Device device, long in, long out, int factor, Window window) {
    this(device, DType.FLOAT32, in, out, factor, window, true);
  }

  /**
   * @param factor r, at least 1
   * @param window over two axes, without groups
   */
  public SubPixelConv(
      Device device, DType dtype, long in, long out, int factor, Window window, boolean withBias) {
    if (factor < 1 || window.axes() != 2 || window.groups() != 1) {
      throw new IllegalArgumentException(
          "expected a factor of at least 1, two axes and one group, got %d, %d and %d"
              .formatted(factor, window.axes(), window.groups()));
    }
    this.factor = factor;
    long channels = Math.multiplyExact(out, Math.multiplyExact(factor, factor));
    conv = child("conv", new Conv(device, dtype, in, channels, window, TapMask.all(), withBias));
  }

  @Override
  public Var apply(Var x, Activation f, double p) {
    return Resampling.depthToSpace(conv.apply(x, f, p), factor);
  }
}
