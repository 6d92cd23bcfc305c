// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli;

import org.generatrix.cli.picture.TileShape;

/**
 * The half of a picture that is observed; the model fills in the other. An odd middle line counts
 * as observed.
 */
public enum Half {
  LEFT,
  RIGHT,
  TOP,
  BOTTOM;

  /** Per pixel of a picture whether it is observed. */
  public boolean[] mask(TileShape tile) {
    boolean[] observed = new boolean[tile.pixels()];
    for (int y = 0; y < tile.height(); y++) {
      for (int x = 0; x < tile.width(); x++) {
        observed[y * tile.width() + x] =
            switch (this) {
              case LEFT -> 2 * x < tile.width();
              case RIGHT -> 2 * x + 1 >= tile.width();
              case TOP -> 2 * y < tile.height();
              case BOTTOM -> 2 * y + 1 >= tile.height();
            };
      }
    }
    return observed;
  }

  /** "left". */
  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
