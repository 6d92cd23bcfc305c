// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.adversarial;

import static org.generatrix.autograd.Functions.leakyRelu;

import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Device;
import org.generatrix.nn.BatchNorm;
import org.generatrix.nn.Layer;
import org.generatrix.nn.Module;
import org.generatrix.nn.Sequential;
import org.generatrix.nn.conv.Conv;
import org.generatrix.tensor.DType;

/** Pictures [n, channels, side, side] in [-1, 1] to log-odds [n, 1, 1, 1] that they are data. */
final class DcganDiscriminator extends Module implements Layer {
  private static final double SLOPE = 0.2; // of the leaky ReLUs

  private final Sequential main;

  DcganDiscriminator(Device device, DcganConfig config) {
    int doublings = config.doublings();
    Layer[] layers = new Layer[3 * doublings];
    Layer leaky = x -> leakyRelu(x, SLOPE);
    Window halving = Window.of(4, 4).stride(2).padding(1);
    long in = config.channels();
    int at = 0;
    for (int i = 0; i < doublings; i++) {
      long out = (long) config.discriminatorWidth() << i;
      layers[at++] = layer(device, in, out, halving, i == 0);
      if (i > 0) {
        layers[at++] = new BatchNorm(device, out);
      }
      layers[at++] = leaky;
      in = out;
    }
    layers[at] = layer(device, in, 1, Window.of(4, 4), true);
    main = child("main", new Sequential(layers));
  }

  private static Layer layer(Device device, long in, long out, Window window, boolean bias) {
    return new Conv(
        device, DType.FLOAT32, in, out, window, TapMask.all(), bias, DcganGenerator.INITIALISER);
  }

  @Override
  public Var apply(Var x) {
    return main.apply(x);
  }
}
