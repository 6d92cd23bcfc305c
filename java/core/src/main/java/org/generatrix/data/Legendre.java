// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.data;

/** Gauss and Legendre's rule of five places on [0, 1], exact for polynomials up to degree 9. */
final class Legendre {
  static final int PLACES = 5;

  private static final double NEAR = Math.sqrt(5 - 2 * Math.sqrt(10 / 7.0)) / 3;
  private static final double FAR = Math.sqrt(5 + 2 * Math.sqrt(10 / 7.0)) / 3;
  private static final double[] PLACE = {-FAR, -NEAR, 0, NEAR, FAR};
  private static final double NEAR_WEIGHT = (322 + 13 * Math.sqrt(70)) / 900;
  private static final double FAR_WEIGHT = (322 - 13 * Math.sqrt(70)) / 900;
  private static final double[] WEIGHT = {
    FAR_WEIGHT, NEAR_WEIGHT, 128 / 225.0, NEAR_WEIGHT, FAR_WEIGHT
  };

  private Legendre() {}

  static double place(int i) {
    return (1 + PLACE[i]) / 2;
  }

  static double weight(int i) {
    return WEIGHT[i] / 2;
  }
}
