// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import org.generatrix.binding.abi.Abi;
import org.generatrix.binding.abi.gx_affine_grid_params;
import org.generatrix.binding.abi.gx_grid_sample_params;
import org.generatrix.binding.abi.gx_pad_params;
import org.generatrix.binding.abi.gx_pool_params;
import org.generatrix.binding.abi.gx_resize_params;
import org.generatrix.binding.abi.gx_space_to_depth_params;
import org.generatrix.binding.abi.gx_unpool_params;

/**
 * resample.h: up-sampling, pooling, padding, blocks to channels and sampling along a grid. The
 * equations are in the header. Parameters with {@code adjoint} are those of linear maps: with it
 * the call goes back, {@code from} being shaped like the result and {@code to} like the operand.
 */
public final class Resample {
  /** Mirrors gx_resize_kind. */
  public enum Resizing {
    NEAREST,
    UPPER_LEFT,
    LINEAR,
    LINEAR_ALIGNED
  }

  /** Mirrors gx_block_order. */
  public enum BlockOrder {
    /** All pixels of a channel's block, row by row, before the next channel's. */
    BY_CHANNEL,
    /** All channels of a block's first pixel before those of the next. */
    BY_PIXEL,
    /** The same with blocks of 2 x 2 in the order (0, 0), (1, 1), (0, 1), (1, 0). */
    BY_CHECKERBOARD
  }

  /** Mirrors gx_pooling. */
  public enum Pooling {
    MAX,
    SUM,
    AVERAGE,
    AVERAGE_INSIDE
  }

  /** Mirrors gx_padding. */
  public enum Padding {
    ZERO,
    REFLECT
  }

  /** Mirrors gx_resize_params; sizes of a batch of channels are those of the result. */
  public record Resize(
      long batch,
      long channels,
      long inHeight,
      long inWidth,
      long outHeight,
      long outWidth,
      long summed,
      Resizing kind,
      boolean adjoint) {
    /** The adjoint of this map. */
    public Resize back() {
      return new Resize(
          batch, channels, inHeight, inWidth, outHeight, outWidth, summed, kind, !adjoint);
    }

    private long in() {
      return Shapes.size(batch, channels, summed, inHeight, inWidth);
    }

    private long out() {
      return Shapes.size(batch, channels, outHeight, outWidth);
    }
  }

  /** Mirrors gx_space_to_depth_params; the sizes are those of the large picture. */
  public record Blocks(
      long batch,
      long channels,
      long height,
      long width,
      long block,
      BlockOrder order,
      boolean adjoint) {
    /** The adjoint of this map, which is its inverse. */
    public Blocks back() {
      return new Blocks(batch, channels, height, width, block, order, !adjoint);
    }

    private long count() {
      return Shapes.size(batch, channels, height, width);
    }
  }

  /** How windows stand along an axis of so many elements. */
  public record Windows(long in, long kernel, long stride, long dilation, long padding) {
    /** How many; 0 if not even one fits. */
    public long count() {
      long room = in + 2 * padding - dilation * (kernel - 1) - 1;
      return room < 0 ? 0 : room / stride + 1;
    }
  }

  /** Mirrors gx_pool_params. */
  public record Pool(
      long batch, long channels, Windows rows, Windows columns, Pooling kind, boolean adjoint) {
    /** The adjoint of this map. */
    public Pool back() {
      return new Pool(batch, channels, rows, columns, kind, !adjoint);
    }

    private long in() {
      return Shapes.size(batch, channels, rows.in, columns.in);
    }

    private long out() {
      return Shapes.size(batch, channels, rows.count(), columns.count());
    }
  }

  /** Mirrors gx_unpool_params. */
  public record Unpool(long planes, long inPixels, long outPixels, boolean adjoint) {
    /** The adjoint of this map. */
    public Unpool back() {
      return new Unpool(planes, inPixels, outPixels, !adjoint);
    }
  }

  /** Mirrors gx_pad_params. */
  public record Pad(
      long planes,
      long height,
      long width,
      long top,
      long bottom,
      long left,
      long right,
      Padding kind,
      boolean adjoint) {
    /** The adjoint of this map. */
    public Pad back() {
      return new Pad(planes, height, width, top, bottom, left, right, kind, !adjoint);
    }

    private long in() {
      return Shapes.size(planes, height, width);
    }

    private long out() {
      return Shapes.size(planes, top + height + bottom, left + width + right);
    }
  }

  /** Mirrors gx_affine_grid_params. */
  public record AffineGrid(
      long batch, long height, long width, boolean alignCorners, boolean adjoint) {
    /** The adjoint of this map. */
    public AffineGrid back() {
      return new AffineGrid(batch, height, width, alignCorners, !adjoint);
    }

    private long theta() {
      return Shapes.size(batch, 2, 3);
    }

    private long grid() {
      return Shapes.size(batch, height, width, 2);
    }
  }

  /** Mirrors gx_grid_sample_params. */
  public record GridSample(
      long batch,
      long channels,
      long inHeight,
      long inWidth,
      long outHeight,
      long outWidth,
      boolean alignCorners) {
    private long in() {
      return Shapes.size(batch, channels, inHeight, inWidth);
    }

    private long grid() {
      return Shapes.size(batch, outHeight, outWidth, 2);
    }

    private long out() {
      return Shapes.size(batch, channels, outHeight, outWidth);
    }
  }

  private Resample() {}

  public static void resize(Device device, Resize p, View from, View to) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_resize(
              frame.device(),
              frame.format(from),
              Params.OF_THREAD.get().resize.fill(p),
              frame.array("from", from, p.adjoint ? p.out() : p.in()),
              frame.array("to", to, p.adjoint ? p.in() : p.out())));
    } finally {
      frame.exit();
    }
  }

  public static void spaceToDepth(Device device, Blocks p, View from, View to) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_space_to_depth(
              frame.device(),
              frame.format(from),
              Params.OF_THREAD.get().blocks.fill(p),
              frame.array("from", from, p.count()),
              frame.array("to", to, p.count())));
    } finally {
      frame.exit();
    }
  }

  /**
   * Pools by windows.
   *
   * @param index of MAX, shaped like the result; null if it is not wanted
   */
  public static void pool(Device device, Pool p, View from, View to, View index) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_pool(
              frame.device(),
              frame.format(from),
              Params.OF_THREAD.get().pool.fill(p),
              frame.array("from", from, p.adjoint ? p.out() : p.in()),
              frame.array("to", to, p.adjoint ? p.in() : p.out()),
              frame.optional("index", index, p.out())));
    } finally {
      frame.exit();
    }
  }

  /** y[index[i]] += x[i] in each plane. */
  public static void unpool(Device device, Unpool p, View from, View index, View to) {
    long in = Shapes.size(p.planes, p.inPixels);
    long out = Shapes.size(p.planes, p.outPixels);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_unpool(
              frame.device(),
              frame.format(from),
              Params.OF_THREAD.get().unpool.fill(p),
              frame.array("from", from, p.adjoint ? out : in),
              frame.array("index", index, in),
              frame.array("to", to, p.adjoint ? in : out)));
    } finally {
      frame.exit();
    }
  }

  public static void pad(Device device, Pad p, View from, View to) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_pad(
              frame.device(),
              frame.format(from),
              Params.OF_THREAD.get().pad.fill(p),
              frame.array("from", from, p.adjoint ? p.out() : p.in()),
              frame.array("to", to, p.adjoint ? p.in() : p.out())));
    } finally {
      frame.exit();
    }
  }

  /** From theta[batch, 2, 3] to a grid[batch, height, width, 2]. */
  public static void affineGrid(Device device, AffineGrid p, View from, View to) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_affine_grid(
              frame.device(),
              frame.format(from),
              Params.OF_THREAD.get().affine.fill(p),
              frame.array("from", from, p.adjoint ? p.grid() : p.theta()),
              frame.array("to", to, p.adjoint ? p.theta() : p.grid())));
    } finally {
      frame.exit();
    }
  }

  /** y = x at the points of a grid[batch, outHeight, outWidth, 2]. */
  public static void gridSample(Device device, GridSample p, View x, View grid, View y) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_grid_sample(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().sample.fill(p),
              frame.array("x", x, p.in()),
              frame.array("grid", grid, p.grid()),
              frame.array("y", y, p.out())));
    } finally {
      frame.exit();
    }
  }

  /** The gradients of {@link #gridSample}; dx or dgrid may be null. */
  public static void gridSampleBackward(
      Device device, GridSample p, View x, View grid, View dy, View dx, View dgrid) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_grid_sample_backward(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().sample.fill(p),
              frame.array("x", x, p.in()),
              frame.array("grid", grid, p.grid()),
              frame.array("dy", dy, p.out()),
              frame.optional("dx", dx, p.in()),
              frame.optional("dgrid", dgrid, p.grid())));
    } finally {
      frame.exit();
    }
  }

  private static final class Params {
    static final ThreadLocal<Params> OF_THREAD = ThreadLocal.withInitial(Params::new);

    final ResizeStruct resize = new ResizeStruct();
    final BlocksStruct blocks = new BlocksStruct();
    final PoolStruct pool = new PoolStruct();
    final UnpoolStruct unpool = new UnpoolStruct();
    final PadStruct pad = new PadStruct();
    final AffineStruct affine = new AffineStruct();
    final SampleStruct sample = new SampleStruct();
  }

  private static final class ResizeStruct extends Struct<gx_resize_params> {
    private static final int BATCH = at(gx_resize_params.class, "batch");
    private static final int CHANNELS = at(gx_resize_params.class, "channels");
    private static final int IN_SIZE = at(gx_resize_params.class, "in_size");
    private static final int OUT_SIZE = at(gx_resize_params.class, "out_size");
    private static final int SUMMED = at(gx_resize_params.class, "summed");
    private static final int KIND = at(gx_resize_params.class, "kind");
    private static final int ADJOINT = at(gx_resize_params.class, "adjoint");

    ResizeStruct() {
      super(gx_resize_params.class, gx_resize_params::new);
    }

    gx_resize_params fill(Resize p) {
      fields.putLong(BATCH, p.batch);
      fields.putLong(CHANNELS, p.channels);
      putPair(this, IN_SIZE, p.inHeight, p.inWidth);
      putPair(this, OUT_SIZE, p.outHeight, p.outWidth);
      fields.putLong(SUMMED, p.summed);
      fields.putInt(KIND, p.kind.ordinal());
      putFlag(this, ADJOINT, p.adjoint);
      return pointer;
    }
  }

  private static final class BlocksStruct extends Struct<gx_space_to_depth_params> {
    private static final int BATCH = at(gx_space_to_depth_params.class, "batch");
    private static final int CHANNELS = at(gx_space_to_depth_params.class, "channels");
    private static final int HEIGHT = at(gx_space_to_depth_params.class, "height");
    private static final int WIDTH = at(gx_space_to_depth_params.class, "width");
    private static final int BLOCK = at(gx_space_to_depth_params.class, "block");
    private static final int ORDER = at(gx_space_to_depth_params.class, "order");
    private static final int ADJOINT = at(gx_space_to_depth_params.class, "adjoint");

    BlocksStruct() {
      super(gx_space_to_depth_params.class, gx_space_to_depth_params::new);
    }

    gx_space_to_depth_params fill(Blocks p) {
      fields.putLong(BATCH, p.batch);
      fields.putLong(CHANNELS, p.channels);
      fields.putLong(HEIGHT, p.height);
      fields.putLong(WIDTH, p.width);
      fields.putLong(BLOCK, p.block);
      fields.putInt(ORDER, p.order.ordinal());
      putFlag(this, ADJOINT, p.adjoint);
      return pointer;
    }
  }

  private static final class PoolStruct extends Struct<gx_pool_params> {
    private static final int BATCH = at(gx_pool_params.class, "batch");
    private static final int CHANNELS = at(gx_pool_params.class, "channels");
    private static final int IN_SIZE = at(gx_pool_params.class, "in_size");
    private static final int KERNEL = at(gx_pool_params.class, "kernel");
    private static final int STRIDE = at(gx_pool_params.class, "stride");
    private static final int DILATION = at(gx_pool_params.class, "dilation");
    private static final int PADDING = at(gx_pool_params.class, "padding");
    private static final int KIND = at(gx_pool_params.class, "kind");
    private static final int ADJOINT = at(gx_pool_params.class, "adjoint");

    PoolStruct() {
      super(gx_pool_params.class, gx_pool_params::new);
    }

    gx_pool_params fill(Pool p) {
      fields.putLong(BATCH, p.batch);
      fields.putLong(CHANNELS, p.channels);
      putPair(this, IN_SIZE, p.rows.in, p.columns.in);
      putPair(this, KERNEL, p.rows.kernel, p.columns.kernel);
      putPair(this, STRIDE, p.rows.stride, p.columns.stride);
      putPair(this, DILATION, p.rows.dilation, p.columns.dilation);
      putPair(this, PADDING, p.rows.padding, p.columns.padding);
      fields.putInt(KIND, p.kind.ordinal());
      putFlag(this, ADJOINT, p.adjoint);
      return pointer;
    }
  }

  private static final class UnpoolStruct extends Struct<gx_unpool_params> {
    private static final int PLANES = at(gx_unpool_params.class, "planes");
    private static final int IN_PIXELS = at(gx_unpool_params.class, "in_pixels");
    private static final int OUT_PIXELS = at(gx_unpool_params.class, "out_pixels");
    private static final int ADJOINT = at(gx_unpool_params.class, "adjoint");

    UnpoolStruct() {
      super(gx_unpool_params.class, gx_unpool_params::new);
    }

    gx_unpool_params fill(Unpool p) {
      fields.putLong(PLANES, p.planes);
      fields.putLong(IN_PIXELS, p.inPixels);
      fields.putLong(OUT_PIXELS, p.outPixels);
      putFlag(this, ADJOINT, p.adjoint);
      return pointer;
    }
  }

  private static final class PadStruct extends Struct<gx_pad_params> {
    private static final int PLANES = at(gx_pad_params.class, "planes");
    private static final int HEIGHT = at(gx_pad_params.class, "height");
    private static final int WIDTH = at(gx_pad_params.class, "width");
    private static final int TOP = at(gx_pad_params.class, "top");
    private static final int BOTTOM = at(gx_pad_params.class, "bottom");
    private static final int LEFT = at(gx_pad_params.class, "left");
    private static final int RIGHT = at(gx_pad_params.class, "right");
    private static final int KIND = at(gx_pad_params.class, "kind");
    private static final int ADJOINT = at(gx_pad_params.class, "adjoint");

    PadStruct() {
      super(gx_pad_params.class, gx_pad_params::new);
    }

    gx_pad_params fill(Pad p) {
      fields.putLong(PLANES, p.planes);
      fields.putLong(HEIGHT, p.height);
      fields.putLong(WIDTH, p.width);
      fields.putLong(TOP, p.top);
      fields.putLong(BOTTOM, p.bottom);
      fields.putLong(LEFT, p.left);
      fields.putLong(RIGHT, p.right);
      fields.putInt(KIND, p.kind.ordinal());
      putFlag(this, ADJOINT, p.adjoint);
      return pointer;
    }
  }

  private static final class AffineStruct extends Struct<gx_affine_grid_params> {
    private static final int BATCH = at(gx_affine_grid_params.class, "batch");
    private static final int HEIGHT = at(gx_affine_grid_params.class, "height");
    private static final int WIDTH = at(gx_affine_grid_params.class, "width");
    private static final int ALIGN = at(gx_affine_grid_params.class, "align_corners");
    private static final int ADJOINT = at(gx_affine_grid_params.class, "adjoint");

    AffineStruct() {
      super(gx_affine_grid_params.class, gx_affine_grid_params::new);
    }

    gx_affine_grid_params fill(AffineGrid p) {
      fields.putLong(BATCH, p.batch);
      fields.putLong(HEIGHT, p.height);
      fields.putLong(WIDTH, p.width);
      putFlag(this, ALIGN, p.alignCorners);
      putFlag(this, ADJOINT, p.adjoint);
      return pointer;
    }
  }

  private static final class SampleStruct extends Struct<gx_grid_sample_params> {
    private static final int BATCH = at(gx_grid_sample_params.class, "batch");
    private static final int CHANNELS = at(gx_grid_sample_params.class, "channels");
    private static final int IN_SIZE = at(gx_grid_sample_params.class, "in_size");
    private static final int OUT_SIZE = at(gx_grid_sample_params.class, "out_size");
    private static final int ALIGN = at(gx_grid_sample_params.class, "align_corners");

    SampleStruct() {
      super(gx_grid_sample_params.class, gx_grid_sample_params::new);
    }

    gx_grid_sample_params fill(GridSample p) {
      fields.putLong(BATCH, p.batch);
      fields.putLong(CHANNELS, p.channels);
      putPair(this, IN_SIZE, p.inHeight, p.inWidth);
      putPair(this, OUT_SIZE, p.outHeight, p.outWidth);
      putFlag(this, ALIGN, p.alignCorners);
      return pointer;
    }
  }

  private static void putPair(Struct<?> struct, int at, long ofRows, long ofColumns) {
    struct.fields.putLong(at, ofRows);
    struct.fields.putLong(at + Long.BYTES, ofColumns);
  }

  private static void putFlag(Struct<?> struct, int at, boolean flag) {
    struct.fields.putInt(at, flag ? 1 : 0);
  }
}
