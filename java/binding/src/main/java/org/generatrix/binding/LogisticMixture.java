// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

/**
 * The shape of a discretised logistic mixture, as loss.h lays it out.
 *
 * @param rows examples
 * @param channels 1 or 3
 * @param pixels of a channel
 * @param components at least 1
 * @param levels at least 2, 256 for bytes
 * @param minLogScale in [-30, 30]; PixelCNN++ has -7
 */
public record LogisticMixture(
    long rows, long channels, long pixels, long components, long levels, double minLogScale) {

  /** Parameters of a pixel: K (1 + 2) of one channel, K (1 + 3 3) of three. */
  public static long planes(long channels, long components) {
    return components * (channels == 1 ? 3 : 1 + 3 * channels);
  }

  long inputs() {
    return Sizes.bytes(channels, rows, pixels);
  }

  long parameters() {
    return Sizes.bytes(planes(channels, components), rows, pixels);
  }
}
