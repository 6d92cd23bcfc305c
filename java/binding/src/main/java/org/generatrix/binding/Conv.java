// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import org.generatrix.binding.abi.Abi;
import org.generatrix.binding.abi.gx_conv_bias_params;
import org.generatrix.binding.abi.gx_conv_packing;
import org.generatrix.binding.abi.gx_conv_params;

/** conv.h: convolutions over one to three axes, plain and transposed, and their gradients. */
public final class Conv {
  private static final int AXES = 3;
  private static final int WORDS = 4;

  /**
   * Sizes and options of a convolution; mirrors gx_conv_params. Arrays have three numbers, for
   * depth, height and width; an axis that there is not has size 1. They are not copied.
   *
   * @param transposed W is [inChannels, outChannels / groups, kernel], else [outChannels,
   *     inChannels / groups, kernel]
   * @param p of an activation that has a parameter
   * @param liveTaps four words, bit i % 64 of word i / 64 for tap i; all 0 for no mask
   * @param colours above 1: the channels are cut into so many, which the tap in the middle looks at
   * @param centreIsStrict there, a channel meets colours below its own only
   */
  public record Shape(
      boolean transposed,
      long batch,
      long inChannels,
      long outChannels,
      long groups,
      long[] inSize,
      long[] kernel,
      long[] stride,
      long[] padding,
      long[] dilation,
      long[] outputPadding,
      Activation activation,
      double p,
      long[] liveTaps,
      int colours,
      boolean centreIsStrict) {

    public Shape {
      for (long[] axes : new long[][] {inSize, kernel, stride, padding, dilation, outputPadding}) {
        if (axes.length != AXES) {
          throw new IllegalArgumentException("expected numbers of 3 axes, got " + axes.length);
        }
      }
      if (liveTaps.length != WORDS) {
        throw new IllegalArgumentException("expected 4 words of taps, got " + liveTaps.length);
      }
    }

    private long inCount() {
      return Shapes.size(batch, inChannels, inSize[0], inSize[1], inSize[2]);
    }

    private long outCount(long... outSize) {
      return Shapes.size(batch, outChannels, outSize[0], outSize[1], outSize[2]);
    }

    private long weightCount() {
      return Shapes.size(inChannels, outChannels / groups, kernel[0], kernel[1], kernel[2]);
    }
  }

  /** What stands between z[batch, channels, pixels] and its activation. */
  public record Bias(long batch, long channels, long pixels, Activation activation, double p) {}

  /**
   * A form that weights can be packed in.
   *
   * @param bytes of the packed weights; 0: nothing is to be gained
   * @param form names it: weights packed for one shape can be used with another of the same form
   */
  public record Packing(long bytes, long form) {}

  private Conv() {}

  /** Sizes of the result along depth, height and width. */
  public static long[] outSize(Shape p) {
    NativeLibrary.load();
    long[] size = new long[AXES];
    Status.check(Abi.gx_conv_out_size(Params.OF_THREAD.get().conv.fill(p), size), null, 0);
    return size;
  }

  /**
   * y = f(conv(x, W) + b).
   *
   * @param weight null if packed is not
   * @param b [outChannels] or null
   * @param packed from {@link #pack} in the shape's form, or null
   */
  public static void conv(
      Device device, Shape p, View x, View weight, View b, View packed, View y) {
    long outCount = p.outCount(outSize(p));
    long elements = packed == null ? 0 : packedElements(device, packed.format(), p);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_conv(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().conv.fill(p),
              frame.array("x", x, p.inCount()),
              frame.optional("W", weight, p.weightCount()),
              frame.optional("b", b, p.outChannels),
              frame.optional("packed", packed, elements),
              frame.array("y", y, outCount)));
    } finally {
      frame.exit();
    }
  }

  /** The form that {@link #conv} likes weights in on the device; a GPU takes them as they are. */
  public static Packing packingOf(Device device, Format format, Shape p) {
    Params params = Params.OF_THREAD.get();
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_conv_packing_of(
              frame.device(), format.ordinal(), params.conv.fill(p), params.packing.pointer));
    } finally {
      frame.exit();
    }
    return params.packing.read();
  }

  /**
   * Packs weights.
   *
   * @param packed of {@link #packingOf}'s bytes, from the start of its buffer
   */
  public static void pack(Device device, Shape p, View weight, View packed) {
    long elements = packedElements(device, weight.format(), p);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_conv_pack(
              frame.device(),
              frame.format(weight),
              Params.OF_THREAD.get().conv.fill(p),
              frame.array("W", weight, p.weightCount()),
              frame.array("packed", packed, elements)));
    } finally {
      frame.exit();
    }
  }

  private static long packedElements(Device device, Format format, Shape p) {
    return packingOf(device, format, p).bytes() / format.elementBytes();
  }

  /** dW = the gradient of sum(dz conv(x, W)), whatever the activation. */
  public static void weightGradient(Device device, Shape p, View x, View dz, View dWeight) {
    long outCount = p.outCount(outSize(p));
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_conv_weight_gradient(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().conv.fill(p),
              frame.array("x", x, p.inCount()),
              frame.array("dz", dz, outCount),
              frame.array("dW", dWeight, p.weightCount())));
    } finally {
      frame.exit();
    }
  }

  /**
   * dz = dy f'(z), from y = f(z); db[c] = the sum of dz over batch and pixels.
   *
   * @param y null if there is no activation
   * @param dz may be dy; null if it is not wanted, like db
   */
  public static void biasGradient(Device device, Bias p, View dy, View y, View dz, View db) {
    long count = Shapes.size(p.batch, p.channels, p.pixels);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_conv_bias_gradient(
              frame.device(),
              frame.format(dy),
              Params.OF_THREAD.get().bias.fill(p),
              frame.array("dy", dy, count),
              frame.optional("y", y, count),
              frame.optional("dz", dz, count),
              frame.optional("db", db, p.channels)));
    } finally {
      frame.exit();
    }
  }

  private static final class Params {
    static final ThreadLocal<Params> OF_THREAD = ThreadLocal.withInitial(Params::new);

    final ConvStruct conv = new ConvStruct();
    final BiasStruct bias = new BiasStruct();
    final PackingStruct packing = new PackingStruct();
  }

  private static final class ConvStruct extends Struct<gx_conv_params> {
    private static final int BATCH = at(gx_conv_params.class, "batch");
    private static final int IN_CHANNELS = at(gx_conv_params.class, "in_channels");
    private static final int OUT_CHANNELS = at(gx_conv_params.class, "out_channels");
    private static final int GROUPS = at(gx_conv_params.class, "groups");
    private static final int IN_SIZE = at(gx_conv_params.class, "in_size");
    private static final int KERNEL = at(gx_conv_params.class, "kernel");
    private static final int STRIDE = at(gx_conv_params.class, "stride");
    private static final int DILATION = at(gx_conv_params.class, "dilation");
    private static final int PADDING = at(gx_conv_params.class, "padding");
    private static final int OUTPUT_PADDING = at(gx_conv_params.class, "output_padding");
    private static final int TRANSPOSED = at(gx_conv_params.class, "transposed");
    private static final int ACTIVATION = at(gx_conv_params.class, "activation");
    private static final int ACTIVATION_P = at(gx_conv_params.class, "activation_p");
    private static final int LIVE_TAPS = at(gx_conv_params.class, "live_taps");
    private static final int COLOURS = at(gx_conv_params.class, "colours");
    private static final int CENTRE_IS_STRICT = at(gx_conv_params.class, "centre_is_strict");

    ConvStruct() {
      super(gx_conv_params.class, gx_conv_params::new);
    }

    gx_conv_params fill(Shape p) {
      fields.putLong(BATCH, p.batch);
      fields.putLong(IN_CHANNELS, p.inChannels);
      fields.putLong(OUT_CHANNELS, p.outChannels);
      fields.putLong(GROUPS, p.groups);
      put(IN_SIZE, p.inSize);
      put(KERNEL, p.kernel);
      put(STRIDE, p.stride);
      put(DILATION, p.dilation);
      put(PADDING, p.padding);
      put(OUTPUT_PADDING, p.outputPadding);
      fields.putInt(TRANSPOSED, p.transposed ? 1 : 0);
      fields.putInt(ACTIVATION, p.activation.ordinal());
      fields.putDouble(ACTIVATION_P, p.p);
      put(LIVE_TAPS, p.liveTaps);
      fields.putInt(COLOURS, p.colours);
      fields.putInt(CENTRE_IS_STRICT, p.centreIsStrict ? 1 : 0);
      return pointer;
    }

    private void put(int at, long... values) {
      for (int i = 0; i < values.length; i++) {
        fields.putLong(at + Long.BYTES * i, values[i]);
      }
    }
  }

  private static final class BiasStruct extends Struct<gx_conv_bias_params> {
    private static final int BATCH = at(gx_conv_bias_params.class, "batch");
    private static final int CHANNELS = at(gx_conv_bias_params.class, "channels");
    private static final int PIXELS = at(gx_conv_bias_params.class, "pixels");
    private static final int ACTIVATION = at(gx_conv_bias_params.class, "activation");
    private static final int ACTIVATION_P = at(gx_conv_bias_params.class, "activation_p");

    BiasStruct() {
      super(gx_conv_bias_params.class, gx_conv_bias_params::new);
    }

    gx_conv_bias_params fill(Bias p) {
      fields.putLong(BATCH, p.batch);
      fields.putLong(CHANNELS, p.channels);
      fields.putLong(PIXELS, p.pixels);
      fields.putInt(ACTIVATION, p.activation.ordinal());
      fields.putDouble(ACTIVATION_P, p.p);
      return pointer;
    }
  }

  private static final class PackingStruct extends Struct<gx_conv_packing> {
    private static final int BYTES = at(gx_conv_packing.class, "bytes");
    private static final int FORM = at(gx_conv_packing.class, "form");

    PackingStruct() {
      super(gx_conv_packing.class, gx_conv_packing::new);
    }

    Packing read() {
      return new Packing(fields.getLong(BYTES), fields.getLong(FORM));
    }
  }
}
