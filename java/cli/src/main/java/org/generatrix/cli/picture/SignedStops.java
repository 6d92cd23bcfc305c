// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.cli.picture;

/**
 * The colour stops of {@link Palette#SIGNED}, from zero outwards; both arms rise in lightness at
 * the same pace.
 */
final class SignedStops {
  static final int[] ABOVE = {0x101214, 0x7a3b12, 0xd9772b, 0xf2a659, 0xffdcae};
  static final int[] BELOW = {0x101214, 0x173f73, 0x2f7ec4, 0x74b3ea, 0xc4e2ff};

  private SignedStops() {}
}
