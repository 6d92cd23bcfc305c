// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Device;
import org.generatrix.nn.Initialiser;
import org.generatrix.nn.Layer;
import org.generatrix.nn.Linear;
import org.generatrix.nn.Module;
import org.generatrix.tensor.DType;

/**
 * Channels weighted by what is in all of them: y_c = x_c sigmoid(W_2 relu(W_1 m + b_1) + b_2)_c,
 * where m are the channels' means (Hu, Shen, Sun, "Squeeze-and-excitation networks", 2018,
 * equations 2 to 4). The maps are "fc1" and "fc2".
 */
public final class SqueezeExcitation extends Module implements Layer {
  private final long channels;
  private final Linear fc1;
  private final Linear fc2;

  /** The paper's: a sixteenth of the channels in between, at least 1. */
  public SqueezeExcitation(Device device, long channels) {
    this(device, DType.FLOAT32, channels, Math.max(1, channels / 16));
  }

  /**
   * @param squeezed units in between
   */
  public SqueezeExcitation(Device device, DType dtype, long channels, long squeezed) {
    this.channels = channels;
    fc1 =
        child("fc1", new Linear(device, dtype, channels, squeezed, true, Initialiser.heUniform()));
    fc2 =
        child(
            "fc2",
            new Linear(device, dtype, squeezed, channels, true, Initialiser.glorotUniform()));
  }

  @Override
  public Var apply(Var x) {
    long[] shape = x.shape();
    if (shape.length < 3 || shape[1] != channels) {
      throw new IllegalArgumentException(
          "expected x [N, %d, pixels ..], got %s".formatted(channels, Arrays.toString(shape)));
    }
    Var mean = x.mean(IntStream.range(2, shape.length).toArray()); // [N, C]
    Var gate = fc2.apply(fc1.apply(mean, Activation.RELU), Activation.SIGMOID);
    long[] ones = shape.clone();
    Arrays.fill(ones, 2, ones.length, 1);
    return x.mul(gate.reshape(ones));
  }
}
