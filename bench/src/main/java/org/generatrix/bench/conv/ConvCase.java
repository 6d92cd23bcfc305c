// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.conv;

import org.generatrix.binding.Activation;
import org.generatrix.binding.Conv;

/**
 * A convolution of square pictures by a square kernel.
 *
 * @param transposed whether the weights are [in, out / groups, kernel, kernel], as torch.nn has
 *     them
 * @param size of the input along both axes
 * @param liveTaps the first so many taps in raster order are used, as by a causal mask; all of them
 *     without one
 */
public record ConvCase(
    boolean transposed,
    int batch,
    int in,
    int out,
    int size,
    int kernel,
    int stride,
    int padding,
    int dilation,
    int groups,
    int liveTaps) {

  /** With stride 1 that keeps the size, without a mask. */
  static ConvCase same(int batch, int in, int out, int size, int kernel) {
    return new ConvCase(false, batch, in, out, size, kernel, 1, kernel / 2, 1, 1, kernel * kernel);
  }

  /** 4 x 4, stride 2, padding 1: doubles the size, or halves it. */
  static ConvCase scaling(boolean up, int batch, int in, int out, int size) {
    return new ConvCase(up, batch, in, out, size, 4, 2, 1, 1, 1, 16);
  }

  ConvCase dilated(int by) {
    return new ConvCase(
        transposed, batch, in, out, size, kernel, stride, by * (kernel / 2), by, groups, liveTaps);
  }

  ConvCase inGroups(int count) {
    return new ConvCase(
        transposed, batch, in, out, size, kernel, stride, padding, dilation, count, liveTaps);
  }

  /** A causal mask: the taps before the middle one (A), and that one (B). */
  ConvCase causal(boolean withMiddle) {
    int live = kernel * kernel / 2 + (withMiddle ? 1 : 0);
    return new ConvCase(
        transposed, batch, in, out, size, kernel, stride, padding, dilation, groups, live);
  }

  public boolean masked() {
    return liveTaps < kernel * kernel;
  }

  /** Of the result along both axes. */
  public int outSize() {
    int reach = dilation * (kernel - 1) + 1;
    return transposed
        ? (size - 1) * stride - 2 * padding + reach
        : (size + 2 * padding - reach) / stride + 1;
  }

  public long[] xShape() {
    return new long[] {batch, in, size, size};
  }

  public long[] yShape() {
    return new long[] {batch, out, outSize(), outSize()};
  }

  public long[] weightShape() {
    return transposed
        ? new long[] {in, out / groups, kernel, kernel}
        : new long[] {out, in / groups, kernel, kernel};
  }

  public int weightCount() {
    return in * (out / groups) * kernel * kernel;
  }

  /** 1 where a weight is used, 0 where the mask lies. */
  public float[] mask() {
    float[] mask = new float[weightCount()];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % (kernel * kernel) < liveTaps ? 1 : 0;
    }
    return mask;
  }

  /** Of one pass: a multiplication and an addition per pair that meets, borders included. */
  double flops() {
    double pixels = transposed ? size * size : outSize() * outSize();
    return 2.0 * batch * in * (out / groups) * liveTaps * pixels;
  }

  Conv.Shape shape() {
    return shape(transposed, in, out, size, 0);
  }

  /** The convolution that takes dz to dx. */
  Conv.Shape flipped() {
    int reach = dilation * (kernel - 1) + 1;
    int lost = transposed ? 0 : size - ((outSize() - 1) * stride - 2 * padding + reach);
    return shape(!transposed, out, in, outSize(), lost);
  }

  private Conv.Shape shape(boolean transposed, int in, int out, int size, int outputPadding) {
    long[] words = new long[4];
    for (int tap = 0; masked() && tap < liveTaps; tap++) {
      words[tap / 64] |= 1L << tap % 64;
    }
    return new Conv.Shape(
        transposed,
        batch,
        in,
        out,
        groups,
        new long[] {1, size, size},
        new long[] {1, kernel, kernel},
        new long[] {1, stride, stride},
        new long[] {0, padding, padding},
        new long[] {1, dilation, dilation},
        new long[] {0, outputPadding, outputPadding},
        Activation.NONE,
        0,
        words,
        0,
        false);
  }
}
