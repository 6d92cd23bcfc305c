// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.autoencoder;

import java.util.List;
import org.generatrix.cli.picture.CodeLines;
import org.generatrix.cli.picture.TileShape;
import org.generatrix.cli.picture.Tiles;
import org.generatrix.linalg.Pca;
import org.generatrix.model.autoencoder.CodeModel;
import org.generatrix.tensor.Tensor;

/** What an autoencoder looks like: PNG pictures of what its decoder makes of codes. */
record AutoencoderPictures(CodeModel model, TileShape tile) {

  /** A square of what the decoder makes of draws from a Gaussian that fits the codes. */
  byte[] samples(int count, long seed) {
    try (Tensor samples = model.sample(count, seed)) {
      return Tiles.square(samples.toArray(), tile);
    }
  }

  /** Pictures [n, visible] above what comes back of them, and what as many components leave. */
  byte[] reconstructions(Tensor pictures, Pca pca, int columns) {
    try (Tensor back = model.reconstruct(pictures);
        Tensor codes = pca.encode(pictures);
        Tensor linear = pca.decode(codes)) {
      return Tiles.bands(
          List.of(pictures.toArray(), back.toArray(), linear.toArray()), columns, tile);
    }
  }

  /** Rows from each second picture [n, visible] to the next, through the codes between. */
  byte[] interpolations(Tensor pictures, int steps) {
    return CodeLines.draw(pictures, steps, model::encode, model::decode, tile);
  }
}
