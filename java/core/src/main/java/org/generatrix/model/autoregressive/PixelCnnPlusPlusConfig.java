// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

/**
 * The shape of a {@link PixelCnnPlusPlus}.
 *
 * @param image what it models; height and width multiples of 2^(scales - 1)
 * @param channels of each stream, at least 1: 160
 * @param scales resolutions, each half of the one before, at least 1: 3
 * @param blocks gated residual blocks of a resolution on the way down, one more on the way back but
 *     for the coarsest; at least 1: 5
 * @param components of the mixture, at least 1: 10 for colours, 5 for grey images
 * @param dropout of the blocks in training, in [0, 1): 0.5
 * @param classes to condition on, 0 for none
 */
public record PixelCnnPlusPlusConfig(
    ImageShape image,
    int channels,
    int scales,
    int blocks,
    int components,
    double dropout,
    int classes) {

  public PixelCnnPlusPlusConfig {
    Checks.atLeast("channels", channels, 1);
    Checks.atLeast("scales", scales, 1);
    Checks.atLeast("blocks", blocks, 1);
    Checks.atLeast("components", components, 1);
    Checks.atLeast("classes", classes, 0);
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout must be in [0, 1), got " + dropout);
    }
    int coarsest = scales > 20 ? Integer.MAX_VALUE : 1 << (scales - 1);
    if (image.height() % coarsest != 0 || image.width() % coarsest != 0) {
      throw new IllegalArgumentException(
          "images of %d scales must have sides that are multiples of 2^%d, got %d x %d"
              .formatted(scales, scales - 1, image.height(), image.width()));
    }
  }

  public PixelCnnPlusPlusConfig withClasses(int number) {
    return new PixelCnnPlusPlusConfig(image, channels, scales, blocks, components, dropout, number);
  }
}
