// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

/**
 * The shape of a {@link PixelCnn}.
 *
 * @param image what it models
 * @param channels h inside of a block; between blocks there are 2 h. A multiple of the image's
 * @param blocks residual blocks, at least 0
 * @param firstKernel odd size of the first, strictly causal layer: 7
 * @param kernel odd size of the blocks' causal layers: 3
 * @param headChannels of the layer before the last, a multiple of the image's channels
 */
public record PixelCnnConfig(
    ImageShape image, int channels, int blocks, int firstKernel, int kernel, int headChannels) {

  public PixelCnnConfig {
    Checks.perColour("channels", channels, image);
    Checks.atLeast("blocks", blocks, 0);
    Checks.odd("firstKernel", firstKernel);
    Checks.odd("kernel", kernel);
    Checks.perColour("headChannels", headChannels, image);
    if (firstKernel == 1 && image.channels() == 1) {
      throw new IllegalArgumentException("firstKernel must be at least 3 for grey images, got 1");
    }
  }

  /** Kernels of 7 and 3, and 2 h channels before the last layer. */
  public static PixelCnnConfig of(ImageShape image, int channels, int blocks) {
    return new PixelCnnConfig(image, channels, blocks, 7, 3, 2 * channels);
  }
}
