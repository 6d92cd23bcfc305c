// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.util.Objects;

/**
 * The parameters of one restricted Boltzmann machine, float32; mirrors gx_rbm and owns nothing.
 *
 * @param visible number of visible units, at least 1
 * @param hidden number of hidden units, at least 1
 * @param W weights [visible][hidden]
 * @param b visible biases [visible]
 * @param c hidden biases [hidden]
 * @param mu visible offsets [visible], or null for zero
 * @param lambda hidden offsets [hidden], or null for zero
 */
public record RbmParameters(
    long visible,
    long hidden,
    DeviceBuffer W,
    DeviceBuffer b,
    DeviceBuffer c,
    DeviceBuffer mu,
    DeviceBuffer lambda) {
  public RbmParameters {
    if (visible < 1 || hidden < 1) {
      throw new IllegalArgumentException(
          "expected at least 1 visible and 1 hidden unit, got " + visible + " and " + hidden);
    }
    require("W", W, Sizes.floats(visible, hidden), false);
    require("b", b, Sizes.floats(visible, 1), false);
    require("c", c, Sizes.floats(hidden, 1), false);
    require("mu", mu, Sizes.floats(visible, 1), true);
    require("lambda", lambda, Sizes.floats(hidden, 1), true);
  }

  private static void require(String name, DeviceBuffer buffer, long bytes, boolean nullable) {
    if (nullable && buffer == null) {
      return;
    }
    Objects.requireNonNull(buffer, name);
    if (buffer.bytes() < bytes) {
      throw new IllegalArgumentException(
          "expected " + name + " of at least " + bytes + " bytes, got " + buffer.bytes());
    }
  }
}
