// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

/** Channels, height and width of pictures on their way through a flow. */
record PictureSize(int channels, int height, int width) {
  int pixels() {
    return height * width;
  }

  int entries() {
    return channels * pixels();
  }

  /** Blocks of 2 x 2 pixels as channels. */
  PictureSize squeezed() {
    return new PictureSize(4 * channels, height / 2, width / 2);
  }

  /** With the first half of the channels alone. */
  PictureSize halved() {
    return new PictureSize(channels / 2, height, width);
  }

  /** The shape of one. */
  long[] example() {
    return new long[] {channels, height, width};
  }

  /** The shape of n of them. */
  long[] shape(long n) {
    return new long[] {n, channels, height, width};
  }
}
