// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn;

import java.util.List;
import org.generatrix.autograd.Var;

/**
 * Layers one after the other. Those that are modules are its children, under their place among all
 * layers: "0", "2", .. A {@link Nonlinearity} behind a {@link Fusible} is fused into it.
 */
public final class Sequential extends Module implements Layer {
  private final List<Layer> layers;

  public Sequential(Layer... layers) {
    this.layers = List.of(layers);
    for (int i = 0; i < layers.length; i++) {
      if (layers[i] instanceof Module module) {
        child(String.valueOf(i), module);
      }
    }
  }

  public List<Layer> layers() {
    return layers;
  }

  @Override
  public Var apply(Var x) {
    for (int i = 0; i < layers.size(); i++) {
      if (layers.get(i) instanceof Fusible layer
          && i + 1 < layers.size()
          && layers.get(i + 1) instanceof Nonlinearity f) {
        x = layer.apply(x, f);
        i++;
      } else {
        x = layers.get(i).apply(x);
      }
    }
    return x;
  }
}
