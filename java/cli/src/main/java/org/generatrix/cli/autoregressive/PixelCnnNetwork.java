// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.autoregressive;

import org.generatrix.binding.Device;
import org.generatrix.model.autoregressive.AutoregressiveImages;
import org.generatrix.model.autoregressive.GatedPixelCnn;
import org.generatrix.model.autoregressive.GatedPixelCnnConfig;
import org.generatrix.model.autoregressive.ImageShape;
import org.generatrix.model.autoregressive.PixelCnn;
import org.generatrix.model.autoregressive.PixelCnnConfig;
import org.generatrix.model.autoregressive.PixelCnnPlusPlus;
import org.generatrix.model.autoregressive.PixelCnnPlusPlusConfig;

/** A network as the options ask for it, but for the size of the pictures, which the data decide. */
public record PixelCnnNetwork(
    Model model,
    int channels,
    int blocks,
    int firstKernel,
    int kernel,
    int levels,
    int scales,
    int components,
    double dropout) {

  /** Which network, and how large it is unless one asks for more. */
  public enum Model {
    PIXELCNN(16, 15),
    GATED(32, 8),
    PLUSPLUS(32, 2);

    private final int channels;
    private final int blocks;

    Model(int channels, int blocks) {
      this.channels = channels;
      this.blocks = blocks;
    }

    public int channels() {
      return channels;
    }

    public int blocks() {
      return blocks;
    }
  }

  /** For pictures of this shape; refuses what is out of range. */
  public Record config(ImageShape image) {
    return switch (model) {
      case PIXELCNN ->
          new PixelCnnConfig(image, channels, blocks, firstKernel, kernel, 2 * channels);
      case GATED ->
          new GatedPixelCnnConfig(image, channels, blocks, firstKernel, kernel, 2 * channels, 0);
      case PLUSPLUS ->
          new PixelCnnPlusPlusConfig(image, channels, scales, blocks, components, dropout, 0);
    };
  }

  /** A new model; the caller closes it. */
  AutoregressiveImages create(Device device, int height, int width, long seed) {
    Record config = config(new ImageShape(1, height, width, levels));
    return switch (model) {
      case PIXELCNN -> PixelCnn.create(device, (PixelCnnConfig) config, seed);
      case GATED -> GatedPixelCnn.create(device, (GatedPixelCnnConfig) config, seed);
      case PLUSPLUS -> PixelCnnPlusPlus.create(device, (PixelCnnPlusPlusConfig) config, seed);
    };
  }
}
