// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoencoder;

import java.util.Objects;
import org.generatrix.model.LayerSizes;
import org.generatrix.nn.Nonlinearity;

/**
 * The shape of an {@link Autoencoder}.
 *
 * @param visible units of an example, at least 1
 * @param hidden sizes of the layers between data and code, in the order of the encoder, "400-200";
 *     "" for none, which with a LINEAR output is a linear autoencoder
 * @param code units of the code, at least 1
 * @param activation of the hidden layers; the code is linear
 * @param output of the decoder, and so the loss
 */
public record AutoencoderConfig(
    long visible, String hidden, long code, Nonlinearity activation, Output output) {

  /** How the decoder ends, and what is minimised: the sum over the units of an example. */
  public enum Output {
    /** r linear, with the squared error (x - r)^2. */
    LINEAR,
    /** r = sigmoid(..), with the cross-entropy -x log r - (1 - x) log(1 - r); data in [0, 1]. */
    SIGMOID
  }

  public AutoencoderConfig {
    Objects.requireNonNull(activation, "activation");
    Objects.requireNonNull(output, "output");
    if (visible < 1 || code < 1) {
      throw new IllegalArgumentException(
          "visible and code must be at least 1, got %d and %d".formatted(visible, code));
    }
    LayerSizes.parse("hidden", hidden);
  }

  /** Sizes of the hidden layers, in the order of the encoder. */
  public long[] hiddenSizes() {
    return LayerSizes.parse("hidden", hidden);
  }
}
