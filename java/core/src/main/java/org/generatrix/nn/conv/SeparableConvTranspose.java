// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import java.util.Collections;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Device;
import org.generatrix.nn.Fusible;
import org.generatrix.nn.Module;
import org.generatrix.tensor.DType;

/**
 * A transposed convolution of each channel for itself, "depthwise", and a 1 x 1 convolution over
 * the channels, "pointwise": in (k + out) weights per pixel where a full one has in k out (Wojna et
 * al., "The devil is in the decoder", 2017).
 */
public final class SeparableConvTranspose extends Module implements Fusible {
  private final ConvTranspose depthwise;
  private final Conv pointwise;

  public SeparableConvTranspose(Device device, long in, long out, Window window) {
    this(device, DType.FLOAT32, in, out, window, true);
  }

  /**
   * @param window without groups
   * @param withBias whether the 1 x 1 convolution has a bias; the other has none
   */
  public SeparableConvTranspose(
      Device device, DType dtype, long in, long out, Window window, boolean withBias) {
    if (in < 1 || out < 1 || window.groups() != 1) {
      throw new IllegalArgumentException(
          "expected channels of at least 1 in one group, got %d in and %d out in %d"
              .formatted(in, out, window.groups()));
    }
    Window each = window.groups(Math.toIntExact(in));
    depthwise =
        child("depthwise", new ConvTranspose(device, dtype, in, in, each, TapMask.all(), false));
    pointwise =
        child(
            "pointwise",
            new Conv(device, dtype, in, out, point(window.axes()), TapMask.all(), withBias));
  }

  private static Window point(int axes) {
    return Window.of(Collections.nCopies(axes, 1).stream().mapToInt(k -> k).toArray());
  }

  @Override
  public Var apply(Var x, Activation f, double p) {
    return pointwise.apply(depthwise.apply(x), f, p);
  }
}
