// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.nn.conv;

import java.util.Arrays;
import java.util.Objects;
import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Var;
import org.generatrix.nn.Layer;
import org.generatrix.nn.Module;

/**
 * A step down, what happens there, and a step up again, beside what was there before: the channels
 * of x and of up(inner(down(x))) one after the other (Ronneberger, Fischer, Brox, "U-Net", 2015).
 * Blocks are nested by their inner layers; the parts that are modules are "down", "inner" and "up".
 *
 * <pre>{@code
 * // 8 channels in, 8 + 8 out, at half the size in between
 * new UNetBlock(
 *     new Conv(device, 8, 16, Window.of(4, 4).stride(2).padding(1)),
 *     new ResidualBlock(device, 16),
 *     new ConvTranspose(device, 16, 8, Window.of(4, 4).stride(2).padding(1)));
 * }</pre>
 */
public final class UNetBlock extends Module implements Layer {
  private final Layer down;
  private final Layer inner;
  private final Layer up;

  public UNetBlock(Layer down, Layer inner, Layer up) {
    this.down = part("down", down);
    this.inner = part("inner", inner);
    this.up = part("up", up);
  }

  private Layer part(String name, Layer layer) {
    if (Objects.requireNonNull(layer, name) instanceof Module module) {
      child(name, module);
    }
    return layer;
  }

  @Override
  public Var apply(Var x) {
    Var back = up.apply(inner.apply(down.apply(x)));
    long[] before = x.shape();
    long[] after = back.shape();
    after[1] = before[1];
    if (!Arrays.equals(before, after)) {
      throw new IllegalArgumentException(
          "expected to come back up to the size of x %s, got %s"
              .formatted(Arrays.toString(before), Arrays.toString(back.shape())));
    }
    return Functions.concat(1, x, back);
  }
}
