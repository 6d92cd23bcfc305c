// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Device;
import org.generatrix.nn.BatchNorm;
import org.generatrix.nn.Layer;
import org.generatrix.nn.Module;
import org.generatrix.nn.Sequential;
import org.generatrix.tensor.DType;

/**
 * relu(bn2(conv2(relu(bn1(conv1(x))))) + x) with 3 x 3 convolutions (He et al., "Deep residual
 * learning for image recognition", 2016): where channels or size change, x goes through a 1 x 1
 * convolution and a norm of its own, "downsample". Parameters are named as those of torchvision's
 * BasicBlock.
 */
public final class ResidualBlock extends Module implements Layer {
  private final Conv conv1;
  private final BatchNorm bn1;
  private final Conv conv2;
  private final BatchNorm bn2;
  private final Sequential downsample; // or null

  /** As many channels as x has. */
  public ResidualBlock(Device device, long channels) {
    this(device, DType.FLOAT32, channels, channels, 1);
  }

  /**
   * @param stride by which the first convolution steps
   */
  public ResidualBlock(Device device, DType dtype, long in, long out, int stride) {
    conv1 = child("conv1", conv(device, dtype, in, out, Window.of(3, 3).stride(stride).padding(1)));
    bn1 = child("bn1", new BatchNorm(device, dtype, out, 0.1, 1e-5, true, true));
    conv2 = child("conv2", conv(device, dtype, out, out, Window.of(3, 3).padding(1)));
    bn2 = child("bn2", norm(device, dtype, out));
    downsample =
        in == out && stride == 1
            ? null
            : child(
                "downsample",
                new Sequential(
                    conv(device, dtype, in, out, Window.of(1, 1).stride(stride)),
                    norm(device, dtype, out)));
  }

  // Biases would be taken away by the norms.
  private static Conv conv(Device device, DType dtype, long in, long out, Window w) {
    return new Conv(device, dtype, in, out, w, TapMask.all(), false);
  }

  private static BatchNorm norm(Device device, DType dtype, long channels) {
    return new BatchNorm(device, dtype, channels, 0.1, 1e-5, true, false);
  }

  @Override
  public Var apply(Var x) {
    Var h = bn1.apply(conv1.apply(x)); // with its ReLU
    Var shortcut = downsample == null ? x : downsample.apply(x);
    return Functions.relu(bn2.apply(conv2.apply(h)).add(shortcut));
  }
}
