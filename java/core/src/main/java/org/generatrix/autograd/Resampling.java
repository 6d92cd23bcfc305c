// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import org.generatrix.autograd.op.AffineGrid;
import org.generatrix.autograd.op.GridSample;
import org.generatrix.autograd.op.MaxPool;
import org.generatrix.autograd.op.Pad;
import org.generatrix.autograd.op.Pool;
import org.generatrix.autograd.op.Resize;
import org.generatrix.autograd.op.SpaceToDepth;
import org.generatrix.autograd.op.Unpool;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Resample.BlockOrder;
import org.generatrix.binding.Resample.Padding;
import org.generatrix.binding.Resample.Pooling;
import org.generatrix.binding.Resample.Resizing;

/**
 * Pictures of other sizes, as functions to be imported statically like {@link Functions}:
 * up-sampling, pooling, padding, blocks to channels, spatial transformers. x is [N, C, H, W], or
 * [N, C, L] where a line makes sense.
 */
public final class Resampling {
  private Resampling() {}

  // --- Up-sampling ---

  /**
   * Each element repeated: [N, C, H, W] to [N, C, factor H, factor W]. Its adjoint is a sum pool.
   */
  public static Var upsampleNearest(Var x, long factor) {
    return Resize.by(x, Resizing.NEAREST, factor, 1);
  }

  /**
   * Bilinear interpolation to any size, as torch.nn.functional.interpolate.
   *
   * @param alignCorners the centres of the corners stay where they are, else the outer edges
   */
  public static Var upsampleBilinear(Var x, long height, long width, boolean alignCorners) {
    return Resize.to(x, linear(alignCorners), height, width, 1);
  }

  /** The same along the axis of a line: [N, C, L] to [N, C, length]. */
  public static Var upsampleLinear(Var x, long length, boolean alignCorners) {
    return Resize.to(x, linear(alignCorners), 1, length, 1);
  }

  private static Resizing linear(boolean alignCorners) {
    return alignCorners ? Resizing.LINEAR_ALIGNED : Resizing.LINEAR;
  }

  /**
   * Bilinear additive up-sampling (Wojna et al., "The devil is in the decoder", 2017): twice the
   * size by bilinear interpolation, then the sum of each four consecutive channels, [N, C, H, W] to
   * [N, C / 4, 2 H, 2 W]. A constant c becomes 4 c.
   */
  public static Var bilinearAdditive(Var x) {
    return Resize.by(x, Resizing.LINEAR, 2, 4);
  }

  /**
   * Un-pooling with each value in the upper left corner of its block and zeros elsewhere
   * (Dosovitskiy et al., "Learning to generate chairs", 2014).
   */
  public static Var unpoolUpperLeft(Var x, long factor) {
    return Resize.by(x, Resizing.UPPER_LEFT, factor, 1);
  }

  // --- Blocks of pixels and channels ---

  /** [N, C, r H, r W] to [N, r r C, H, W], in the order of torch's pixel_unshuffle. */
  public static Var spaceToDepth(Var x, long r) {
    return spaceToDepth(x, r, BlockOrder.BY_CHANNEL);
  }

  public static Var spaceToDepth(Var x, long r, BlockOrder order) {
    return SpaceToDepth.of(x, r, order);
  }

  /** [N, r r C, H, W] to [N, C, r H, r W], in the order of torch's pixel_shuffle. */
  public static Var depthToSpace(Var x, long r) {
    return depthToSpace(x, r, BlockOrder.BY_CHANNEL);
  }

  public static Var depthToSpace(Var x, long r, BlockOrder order) {
    return SpaceToDepth.inverse(x, r, order);
  }

  /**
   * The squeezing of RealNVP (Dinh et al. 2017, section 3.6): [N, C, H, W] to [N, 4 C, H / 2, W /
   * 2], the four pixels of a channel's subsquare becoming four consecutive channels, row by row.
   * That is {@link #spaceToDepth} with r = 2. Where half of the channels are to be factored out,
   * use it with {@link BlockOrder#BY_CHECKERBOARD}: then either half is a checkerboard.
   */
  public static Var squeeze(Var x) {
    return spaceToDepth(x, 2);
  }

  /** The inverse of {@link #squeeze}. */
  public static Var unsqueeze(Var x) {
    return depthToSpace(x, 2);
  }

  // --- Pooling ---

  /** The greatest element of each window; its stride is the window's, 1 unless it is set. */
  public static Var maxPool(Var x, Window w) {
    return MaxPool.of(x, w);
  }

  /** With where it stands, for {@link #unpool}. */
  public static MaxPool.Found maxPoolWithIndex(Var x, Window w) {
    return MaxPool.withIndex(x, w);
  }

  /** The sum of each window over its number of taps, padding included. */
  public static Var averagePool(Var x, Window w) {
    return averagePool(x, w, true);
  }

  /**
   * The average of each window.
   *
   * @param countPadding whether to divide by all taps of the window or by those in the picture
   */
  public static Var averagePool(Var x, Window w, boolean countPadding) {
    return Pool.of(x, w, countPadding ? Pooling.AVERAGE : Pooling.AVERAGE_INSIDE);
  }

  public static Var sumPool(Var x, Window w) {
    return Pool.of(x, w, Pooling.SUM);
  }

  /**
   * Each value at its index, zeros elsewhere: the inverse of a max pooling.
   *
   * @param index shaped like x, of {@link #maxPoolWithIndex}
   * @param height of the result, 1 for lines
   */
  public static Var unpool(Var x, Var index, long height, long width) {
    return Unpool.of(x, index, height, width);
  }

  // --- Padding ---

  public static Var padZero(Var x, long top, long bottom, long left, long right) {
    return Pad.of(x, Padding.ZERO, top, bottom, left, right);
  }

  /** The picture mirrored about its outermost rows and columns, which are not repeated. */
  public static Var padReflect(Var x, long top, long bottom, long left, long right) {
    return Pad.of(x, Padding.REFLECT, top, bottom, left, right);
  }

  // --- Spatial transformers ---

  /** Without aligned corners. */
  public static Var affineGrid(Var theta, long height, long width) {
    return affineGrid(theta, height, width, false);
  }

  /** theta [N, 2, 3] to the points [N, height, width, 2] that its affine map looks at. */
  public static Var affineGrid(Var theta, long height, long width, boolean alignCorners) {
    return AffineGrid.of(theta, height, width, alignCorners);
  }

  /** Without aligned corners. */
  public static Var gridSample(Var x, Var grid) {
    return gridSample(x, grid, false);
  }

  /** x [N, C, H, W] at the points of a grid [N, h, w, 2], bilinear, zeros outside: [N, C, h, w]. */
  public static Var gridSample(Var x, Var grid, boolean alignCorners) {
    return GridSample.of(x, grid, alignCorners);
  }
}
