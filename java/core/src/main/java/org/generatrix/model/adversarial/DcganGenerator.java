// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.adversarial;

import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Device;
import org.generatrix.nn.BatchNorm;
import org.generatrix.nn.Initialiser;
import org.generatrix.nn.Layer;
import org.generatrix.nn.Module;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.nn.Sequential;
import org.generatrix.nn.conv.ConvTranspose;
import org.generatrix.tensor.DType;

/** Codes [n, latents] to pictures [n, channels, side, side] in [-1, 1]. */
final class DcganGenerator extends Module implements Layer {
  static final Initialiser INITIALISER = Initialiser.normal(0, 0.02); // section 4 of the paper

  private final Sequential main;

  DcganGenerator(Device device, DcganConfig config) {
    int doublings = config.doublings();
    Layer[] layers = new Layer[2 * doublings + 2];
    long in = config.latents();
    for (int i = 0; i < doublings; i++) {
      long out = (long) config.generatorWidth() << (doublings - 1 - i);
      Window window = i == 0 ? Window.of(4, 4) : Window.of(4, 4).stride(2).padding(1);
      layers[2 * i] = layer(device, in, out, window, false);
      layers[2 * i + 1] = new BatchNorm(device, DType.FLOAT32, out, 0.1, 1e-5, true, true);
      in = out;
    }
    Window last = Window.of(4, 4).stride(2).padding(1);
    layers[2 * doublings] = layer(device, in, config.channels(), last, true);
    layers[2 * doublings + 1] = Nonlinearity.TANH;
    main = child("main", new Sequential(layers));
  }

  private static Layer layer(Device device, long in, long out, Window window, boolean bias) {
    return new ConvTranspose(
        device, DType.FLOAT32, in, out, window, TapMask.all(), bias, INITIALISER);
  }

  @Override
  public Var apply(Var z) {
    return main.apply(z.reshape(z.shape()[0], z.shape()[1], 1, 1));
  }
}
