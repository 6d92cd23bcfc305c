// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

/** Where the points of a set lie before noise. */
interface PointFigure {
  /** Below this a curve's quadrature would need millions of places. */
  double LEAST_NOISE = 1e-4;

  /** Writes x and y of one place. */
  void place(PointDraws draws, double[] at);

  /** The density of places with noise. */
  PointDensity density(double noise);

  /** Whether places have a density even without noise. */
  default boolean sharp() {
    return false;
  }
}
