// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.variational;

import java.util.List;
import org.generatrix.cli.picture.CodeLines;
import org.generatrix.cli.picture.LatentPlane;
import org.generatrix.cli.picture.TileShape;
import org.generatrix.cli.picture.Tiles;
import org.generatrix.model.variational.Vae;
import org.generatrix.tensor.Tensor;

/** What a variational autoencoder looks like: PNG pictures of the decoder's means. */
record VaePictures(Vae vae, TileShape tile) {

  /** A square of samples. */
  byte[] samples(int count, long seed) {
    try (Tensor means = vae.sample(count, seed)) {
      return Tiles.square(means.toArray(), tile);
    }
  }

  /** Pictures [n, visible] above what the decoder makes of their codes. */
  byte[] reconstructions(Tensor pictures, int columns) {
    try (Tensor codes = vae.encode(pictures);
        Tensor back = vae.decode(codes)) {
      return Tiles.bands(List.of(pictures.toArray(), back.toArray()), columns, tile);
    }
  }

  /** Rows from each second picture [n, visible] to the next, through the codes between. */
  byte[] interpolations(Tensor pictures, int steps) {
    return CodeLines.draw(pictures, steps, vae::encode, vae::decode, tile);
  }

  /** What the decoder makes of a plane of codes, side by side. */
  byte[] manifold(LatentPlane plane, int side) {
    float[] grid = plane.codes(side);
    try (Tensor codes = Tensor.of(vae.device(), grid, side * side, plane.latents());
        Tensor means = vae.decode(codes)) {
      return Tiles.rows(means.toArray(), side, tile);
    }
  }
}
