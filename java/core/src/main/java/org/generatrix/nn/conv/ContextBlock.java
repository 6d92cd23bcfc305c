// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import java.util.ArrayList;
import java.util.List;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Device;
import org.generatrix.nn.Initialiser;
import org.generatrix.nn.Layer;
import org.generatrix.nn.Module;
import org.generatrix.tensor.DType;

/**
 * 3 x 3 convolutions whose taps lie further and further apart, each with a ReLU, and a 1 x 1
 * convolution at the end: the pixels that one sees grow exponentially with the layers, their number
 * and the channels stay (Yu and Koltun, "Multi-scale context aggregation by dilated convolutions",
 * 2016, the basic form). Layers are named "0", "1", ..; they begin as the identity, so that the
 * block first passes on what is not negative.
 */
public final class ContextBlock extends Module implements Layer {
  private static final int[] PAPERS = {1, 1, 2, 4, 8, 16, 1};
  private final List<Conv> layers = new ArrayList<>();
  private final int field;

  /** With the paper's dilations, 1, 1, 2, 4, 8, 16 and 1. */
  public ContextBlock(Device device, long channels) {
    this(device, DType.FLOAT32, channels, PAPERS);
  }

  public ContextBlock(Device device, DType dtype, long channels, int... dilations) {
    int sees = 1;
    for (int d : dilations) {
      add(device, dtype, channels, Window.of(3, 3).dilation(d).same());
      sees += 2 * d;
    }
    add(device, dtype, channels, Window.of(1, 1));
    field = sees;
  }

  private void add(Device device, DType dtype, long channels, Window w) {
    Conv conv =
        new Conv(
            device,
            dtype,
            channels,
            channels,
            w,
            TapMask.all(),
            true,
            Initialiser.identityKernel());
    layers.add(child(String.valueOf(layers.size()), conv));
  }

  /** Pixels across that one pixel of the result sees. */
  public int receptiveField() {
    return field;
  }

  @Override
  public Var apply(Var x) {
    int last = layers.size() - 1;
    for (Conv layer : layers.subList(0, last)) {
      x = layer.apply(x, Activation.RELU, 0);
    }
    return layers.get(last).apply(x);
  }
}
