// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Device;
import org.generatrix.nn.Initialiser;
import org.generatrix.nn.conv.Conv;
import org.generatrix.nn.conv.MaskedConv;
import org.generatrix.tensor.DType;

/** The convolutions that these models are made of: they keep the size, with a bias. */
final class CausalLayers {
  /** A tenth of the standard deviation that keeps a ReLU's variance. */
  static final Initialiser SMALL =
      new Initialiser.VarianceScaling(0.02, Initialiser.Fan.IN, Initialiser.Draw.UNIFORM);

  private CausalLayers() {}

  /** Of size x size, with what comes before a pixel, and the pixel itself if asked for. */
  static Conv conv(Device device, int in, int out, int size, boolean includeCentre, int colours) {
    Window w = Window.of(size, size).same();
    return masked(device, in, out, w, TapMask.causal(w, includeCentre, colours));
  }

  /** Of 1 x 1, where a colour sees those before and itself. */
  static Conv pixelwise(Device device, int in, int out, int colours) {
    Window w = Window.of(1, 1);
    return masked(
        device, in, out, w, colours == 1 ? TapMask.all() : TapMask.causal(w, true, colours));
  }

  /**
   * The same with small weights: behind a residual branch, so that a deep stack begins near the
   * identity, and at the end, so that a model begins near equal probabilities.
   */
  static Conv small(Device device, int in, int out, int colours) {
    Window w = Window.of(1, 1);
    TapMask mask = colours == 1 ? TapMask.all() : TapMask.causal(w, true, colours);
    return new Conv(device, DType.FLOAT32, in, out, w, mask, true, SMALL);
  }

  /** With some taps live. */
  static Conv masked(Device device, int in, int out, Window w, TapMask mask) {
    return new MaskedConv(device, in, out, w, mask);
  }
}
