// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import java.util.Arrays;
import java.util.Objects;
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
 * A picture made larger and then convolved, "conv": every output pixel sees as many taps, so that
 * no checkerboard comes of it (Odena, Dumoulin, Olah, "Deconvolution and checkerboard artifacts",
 * 2016).
 */
public final class UpsampleConv extends Module implements Fusible {
  /** How pictures are made larger. */
  public enum Resize {
    NEAREST,
    BILINEAR
  }

  private final int factor;
  private final Resize resize;
  private final Conv conv;

  /** By repetition of pixels. */
  public UpsampleConv(Device device, long in, long out, int factor, Window window) {
    this(device, DType.FLOAT32, in, out, factor, Resize.NEAREST, window, true);
  }

  /**
   * @param factor by which height and width grow, at least 1
   * @param window over two axes; {@link Window#same} keeps the size from there on
   */
  public UpsampleConv(
      Device device,
      DType dtype,
      long in,
      long out,
      int factor,
      Resize resize,
      Window window,
      boolean withBias) {
    if (factor < 1 || window.axes() != 2) {
      throw new IllegalArgumentException(
          "expected a factor of at least 1 and two axes, got %d and %d"
              .formatted(factor, window.axes()));
    }
    this.factor = factor;
    this.resize = Objects.requireNonNull(resize, "resize");
    conv = child("conv", new Conv(device, dtype, in, out, window, TapMask.all(), withBias));
  }

  @Override
  public Var apply(Var x, Activation f, double p) {
    return conv.apply(larger(x), f, p);
  }

  private Var larger(Var x) {
    long[] shape = x.shape();
    if (shape.length != 4) {
      throw new IllegalArgumentException("expected x [N, C, H, W], got " + Arrays.toString(shape));
    }
    return resize == Resize.NEAREST
        ? Resampling.upsampleNearest(x, factor)
        : Resampling.upsampleBilinear(x, factor * shape[2], factor * shape[3], false);
  }
}
