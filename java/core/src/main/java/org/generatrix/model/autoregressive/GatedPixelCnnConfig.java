// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

/**
 * The shape of a {@link GatedPixelCnn}.
 *
 * @param image what it models
 * @param channels p of each stack, a multiple of the image's
 * @param layers at least 1
 * @param firstKernel odd size of the first, strictly causal layer, at least 3: 7
 * @param kernel odd size of the others, at least 3: 3 or 5
 * @param headChannels of the layer before the last, a multiple of the image's channels
 * @param classes to condition on, 0 for none
 */
public record GatedPixelCnnConfig(
    ImageShape image,
    int channels,
    int layers,
    int firstKernel,
    int kernel,
    int headChannels,
    int classes) {

  public GatedPixelCnnConfig {
    Checks.perColour("channels", channels, image);
    Checks.atLeast("layers", layers, 1);
    Checks.odd("firstKernel", firstKernel);
    Checks.odd("kernel", kernel);
    Checks.atLeast("firstKernel", firstKernel, 3);
    Checks.atLeast("kernel", kernel, 3);
    Checks.perColour("headChannels", headChannels, image);
    Checks.atLeast("classes", classes, 0);
  }

  /** Kernels of 7 and 3, 2 p channels before the last layer, no classes. */
  public static GatedPixelCnnConfig of(ImageShape image, int channels, int layers) {
    return new GatedPixelCnnConfig(image, channels, layers, 7, 3, 2 * channels, 0);
  }

  public GatedPixelCnnConfig withClasses(int number) {
    return new GatedPixelCnnConfig(
        image, channels, layers, firstKernel, kernel, headChannels, number);
  }
}
