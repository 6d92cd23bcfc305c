// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.variational;

import java.util.Objects;
import org.generatrix.model.LayerSizes;
import org.generatrix.nn.Nonlinearity;

/**
 * The shape of a {@link Vae}.
 *
 * @param visible units of an example, at least 1
 * @param hidden sizes of the deterministic layers between data and latent units, in the order of
 *     the recognition network: "200-200", or "" for none; with several stochastic layers a list for
 *     each, joined by commas: "200-200,100-100"
 * @param latents sizes of the stochastic layers, the one next to the data first: "50", "100-50"
 * @param decoder what the data are, given the latent units
 * @param activation of the deterministic layers
 */
public record VaeConfig(
    long visible, String hidden, String latents, Decoder decoder, Nonlinearity activation) {

  /** p(x | z). */
  public enum Decoder {
    /** Independent binary units. */
    BERNOULLI,
    /** Independent Gaussians with learned means and variances. */
    GAUSSIAN
  }

  public VaeConfig {
    Objects.requireNonNull(decoder, "decoder");
    Objects.requireNonNull(activation, "activation");
    if (visible < 1) {
      throw new IllegalArgumentException("visible must be at least 1, got " + visible);
    }
    int layers = LayerSizes.parse("latents", latents).length;
    if (layers == 0) {
      throw new IllegalArgumentException("latents must have at least one layer, got none");
    }
    String[] lists = hidden.split(",", -1);
    if (lists.length != layers) {
      throw new IllegalArgumentException(
          "hidden must have a list for each of the %d stochastic layers, joined by commas, got \"%s\""
              .formatted(layers, hidden));
    }
    for (String list : lists) {
      LayerSizes.parse("hidden", list);
    }
  }

  /** Sizes of the stochastic layers, the one next to the data first. */
  public long[] latentSizes() {
    return LayerSizes.parse("latents", latents);
  }

  /** Sizes of the deterministic layers below stochastic layer {@code l}, from 0, bottom up. */
  public long[] hiddenSizes(int l) {
    return LayerSizes.parse("hidden", hidden.split(",", -1)[l]);
  }
}
