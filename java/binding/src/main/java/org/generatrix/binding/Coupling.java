// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import org.bytedeco.javacpp.Pointer;
import org.generatrix.binding.abi.Abi;
import org.generatrix.binding.abi.gx_affine_coupling_params;
import org.generatrix.binding.abi.gx_channel_affine_params;
import org.generatrix.binding.abi.gx_coupling;
import org.generatrix.binding.abi.gx_dequantise_params;
import org.generatrix.binding.abi.gx_spline_coupling_params;

/**
 * coupling.h: invertible maps with their log-determinants, which are FLOAT64 [examples] in either
 * format, and the base densities of flows. The equations are in the header. {@code logDetIn} may be
 * null, zeros, and may be {@code logDetOut}; so may a gradient that is not wanted and {@code
 * dLogDet}, zeros. With {@code inverse} x and y change places.
 */
public final class Coupling {
  /** Mirrors gx_coupling_pattern. */
  public enum Pattern {
    SPAN,
    CHECKERBOARD,
    BITS
  }

  /** Mirrors gx_base. */
  public enum Base {
    NONE,
    GAUSSIAN,
    LOGISTIC
  }

  /** Mirrors gx_coupling_scale. */
  public enum Scale {
    NONE,
    EXP,
    TANH,
    SIGMOID
  }

  /**
   * Mirrors gx_coupling: examples [channels, height, width] and what of them is changed.
   *
   * @param parity of a CHECKERBOARD, else 0
   * @param begin of a SPAN, like end; else 0
   */
  public record Examples(
      long examples,
      long channels,
      long height,
      long width,
      Pattern pattern,
      int parity,
      long begin,
      long end) {
    /** Elements of an example. */
    public long units() {
      return Shapes.size(channels, height, width);
    }

    /** Elements of an example that have parameters: of a SPAN those changed, else all. */
    public long parameterUnits() {
      return pattern == Pattern.SPAN ? end - begin : units();
    }

    long size() {
      return Shapes.size(examples, channels, height, width);
    }

    /**
     * Elements that an array spans of which an example has so many, the next example's a stride on.
     */
    long reach(long stride, long ofExample) {
      return examples <= 0 || ofExample <= 0
          ? 0
          : Math.addExact(Shapes.size(examples - 1, stride), ofExample);
    }
  }

  /** Mirrors gx_affine_coupling_params. */
  public record Affine(
      Examples x, Scale scale, double clamp, long parameterStride, boolean inverse, Base base) {
    private long reach() {
      return x.reach(parameterStride, x.parameterUnits());
    }
  }

  /** Mirrors gx_spline_coupling_params. */
  public record Spline(
      Examples x,
      long bins,
      double bound,
      double minWidth,
      double minSlope,
      long parameterStride,
      long numberStride,
      long unitStride,
      boolean inverse) {
    private long reach() {
      long units = x.parameterUnits();
      if (units <= 0 || bins <= 0) {
        return 0;
      }
      long last =
          Math.addExact(
              Shapes.size(3 * bins - 2, numberStride), Shapes.size(units - 1, unitStride));
      return x.reach(parameterStride, Math.addExact(last, 1));
    }
  }

  /** Mirrors gx_channel_affine_params. */
  public record ChannelAffine(
      long examples, long channels, long spatial, boolean inverse, Base base) {
    private long size() {
      return Shapes.size(examples, channels, spatial);
    }
  }

  /** Mirrors gx_dequantise_params. */
  public record Dequantise(
      long rows, long units, long levels, boolean logit, double low, double high, boolean inverse) {
    private long size() {
      return Shapes.size(rows, units);
    }
  }

  private Coupling() {}

  /**
   * Affine or additive coupling.
   *
   * @param kept of BITS, one row; else null
   * @param s null with {@link Scale#NONE}
   * @param amplitude [channels], of {@link Scale#TANH} or null
   */
  public static void affine(
      Device device,
      Affine p,
      States kept,
      View x,
      View s,
      View t,
      View amplitude,
      View logDetIn,
      View y,
      View logDetOut) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_affine_coupling(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().affine.fill(p),
              kept == null ? null : frame.states("kept", kept),
              frame.array("x", x, p.x.size()),
              frame.optional("s", s, p.reach()),
              frame.array("t", t, p.reach()),
              frame.optional("amplitude", amplitude, p.x.channels),
              frame.optionalWide("log_det_in", logDetIn, p.x.examples),
              frame.array("y", y, p.x.size()),
              frame.wide("log_det_out", logDetOut, p.x.examples)));
    } finally {
      frame.exit();
    }
  }

  /** The gradients of {@link #affine}; dx may be dy. */
  public static void affineBackward(
      Device device,
      Affine p,
      States kept,
      View x,
      View s,
      View t,
      View amplitude,
      View dy,
      View dLogDet,
      View dx,
      View ds,
      View dt,
      View dAmplitude) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_affine_coupling_backward(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().affine.fill(p),
              kept == null ? null : frame.states("kept", kept),
              frame.array("x", x, p.x.size()),
              frame.optional("s", s, p.reach()),
              frame.array("t", t, p.reach()),
              frame.optional("amplitude", amplitude, p.x.channels),
              frame.array("dy", dy, p.x.size()),
              frame.optionalWide("dlog_det", dLogDet, p.x.examples),
              frame.optional("dx", dx, p.x.size()),
              frame.optional("ds", ds, p.reach()),
              frame.optional("dt", dt, p.reach()),
              frame.optional("damplitude", dAmplitude, p.x.channels)));
    } finally {
      frame.exit();
    }
  }

  /** Rational-quadratic spline coupling. */
  public static void spline(
      Device device,
      Spline p,
      States kept,
      View x,
      View theta,
      View logDetIn,
      View y,
      View logDetOut) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_spline_coupling(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().spline.fill(p),
              kept == null ? null : frame.states("kept", kept),
              frame.array("x", x, p.x.size()),
              frame.array("theta", theta, p.reach()),
              frame.optionalWide("log_det_in", logDetIn, p.x.examples),
              frame.array("y", y, p.x.size()),
              frame.wide("log_det_out", logDetOut, p.x.examples)));
    } finally {
      frame.exit();
    }
  }

  /** The gradients of {@link #spline}. */
  public static void splineBackward(
      Device device,
      Spline p,
      States kept,
      View x,
      View theta,
      View dy,
      View dLogDet,
      View dx,
      View dTheta) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_spline_coupling_backward(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().spline.fill(p),
              kept == null ? null : frame.states("kept", kept),
              frame.array("x", x, p.x.size()),
              frame.array("theta", theta, p.reach()),
              frame.array("dy", dy, p.x.size()),
              frame.optionalWide("dlog_det", dLogDet, p.x.examples),
              frame.optional("dx", dx, p.x.size()),
              frame.optional("dtheta", dTheta, p.reach())));
    } finally {
      frame.exit();
    }
  }

  /** y = x e^l_c + b_c; logScale and shift may be null, zeros. */
  public static void channelAffine(
      Device device,
      ChannelAffine p,
      View x,
      View logScale,
      View shift,
      View logDetIn,
      View y,
      View logDetOut) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_channel_affine(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().channels.fill(p),
              frame.array("x", x, p.size()),
              frame.optional("log_scale", logScale, p.channels),
              frame.optional("shift", shift, p.channels),
              frame.optionalWide("log_det_in", logDetIn, p.examples),
              frame.array("y", y, p.size()),
              frame.wide("log_det_out", logDetOut, p.examples)));
    } finally {
      frame.exit();
    }
  }

  /** The gradients of {@link #channelAffine}; dx may be dy. */
  public static void channelAffineBackward(
      Device device,
      ChannelAffine p,
      View x,
      View logScale,
      View shift,
      View dy,
      View dLogDet,
      View dx,
      View dLogScale,
      View dShift) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_channel_affine_backward(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().channels.fill(p),
              frame.array("x", x, p.size()),
              frame.optional("log_scale", logScale, p.channels),
              frame.optional("shift", shift, p.channels),
              frame.array("dy", dy, p.size()),
              frame.optionalWide("dlog_det", dLogDet, p.examples),
              frame.optional("dx", dx, p.size()),
              frame.optional("dlog_scale", dLogScale, p.channels),
              frame.optional("dshift", dShift, p.channels)));
    } finally {
      frame.exit();
    }
  }

  /** W = P L (U + diag(sign e^l)), or its inverse; matrices [n, n] with n = permutation.length. */
  public static void invertibleMatrix(
      Device device,
      boolean inverse,
      long[] permutation,
      View lower,
      View upper,
      View sign,
      View logScale,
      View w) {
    long n = permutation.length;
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_invertible_matrix(
              frame.device(),
              frame.format(lower),
              n,
              inverse ? 1 : 0,
              permutation,
              frame.array("lower", lower, n * n),
              frame.array("upper", upper, n * n),
              frame.array("sign", sign, n),
              frame.array("log_scale", logScale, n),
              frame.array("W", w, n * n)));
    } finally {
      frame.exit();
    }
  }

  /** The gradients of {@link #invertibleMatrix}. */
  public static void invertibleMatrixBackward(
      Device device,
      boolean inverse,
      long[] permutation,
      View lower,
      View upper,
      View sign,
      View logScale,
      View dw,
      View dLower,
      View dUpper,
      View dLogScale) {
    long n = permutation.length;
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_invertible_matrix_backward(
              frame.device(),
              frame.format(lower),
              n,
              inverse ? 1 : 0,
              permutation,
              frame.array("lower", lower, n * n),
              frame.array("upper", upper, n * n),
              frame.array("sign", sign, n),
              frame.array("log_scale", logScale, n),
              frame.array("dW", dw, n * n),
              frame.optional("dlower", dLower, n * n),
              frame.optional("dupper", dUpper, n * n),
              frame.optional("dlog_scale", dLogScale, n)));
    } finally {
      frame.exit();
    }
  }

  /**
   * Dequantisation and logit.
   *
   * @param rng read with levels, forward
   */
  public static void dequantise(
      Device device, Dequantise p, Rng rng, View x, View logDetIn, View y, View logDetOut) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_dequantise(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().dequantise.fill(p),
              frame.rng(rng),
              frame.array("x", x, p.size()),
              frame.optionalWide("log_det_in", logDetIn, p.rows),
              frame.array("y", y, p.size()),
              frame.wide("log_det_out", logDetOut, p.rows)));
    } finally {
      frame.exit();
    }
  }

  /** The gradient of {@link #dequantise} without levels. */
  public static void dequantiseBackward(
      Device device, Dequantise p, View x, View dy, View dLogDet, View dx) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_dequantise_backward(
              frame.device(),
              frame.format(x),
              Params.OF_THREAD.get().dequantise.fill(p),
              frame.array("x", x, p.size()),
              frame.array("dy", dy, p.size()),
              frame.optionalWide("dlog_det", dLogDet, p.rows),
              frame.array("dx", dx, p.size())));
    } finally {
      frame.exit();
    }
  }

  /**
   * out[r] = in[r] + the log density of row r; in and out are FLOAT64 [rows].
   *
   * @param stride from row to row of z, at least {@code units}
   */
  public static void baseLogDensity(
      Device device, long rows, long units, long stride, Base base, View z, View in, View out) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_base_log_density(
              frame.device(),
              frame.format(z),
              rows,
              units,
              stride,
              base.ordinal(),
              frame.array("z", z, reach(rows, units, stride)),
              frame.optionalWide("in", in, rows),
              frame.wide("out", out, rows)));
    } finally {
      frame.exit();
    }
  }

  /** The gradient of {@link #baseLogDensity}; dz [rows, units] without gaps. */
  public static void baseLogDensityBackward(
      Device device, long rows, long units, long stride, Base base, View z, View dOut, View dz) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_base_log_density_backward(
              frame.device(),
              frame.format(z),
              rows,
              units,
              stride,
              base.ordinal(),
              frame.array("z", z, reach(rows, units, stride)),
              frame.wide("dout", dOut, rows),
              frame.array("dz", dz, Shapes.size(rows, units))));
    } finally {
      frame.exit();
    }
  }

  private static long reach(long rows, long units, long stride) {
    return new Examples(rows, units, 1, 1, Pattern.BITS, 0, 0, 0).reach(stride, units);
  }

  // --- Params ----------------------------------------------------------------------------------

  private static final class Params {
    static final ThreadLocal<Params> OF_THREAD = ThreadLocal.withInitial(Params::new);

    final AffineStruct affine = new AffineStruct();
    final SplineStruct spline = new SplineStruct();
    final ChannelStruct channels = new ChannelStruct();
    final DequantiseStruct dequantise = new DequantiseStruct();
  }

  /** Where a struct has its gx_coupling. */
  private record CouplingAt(int at) {
    private static final int EXAMPLES = Struct.at(gx_coupling.class, "examples");
    private static final int CHANNELS = Struct.at(gx_coupling.class, "channels");
    private static final int HEIGHT = Struct.at(gx_coupling.class, "height");
    private static final int WIDTH = Struct.at(gx_coupling.class, "width");
    private static final int PATTERN = Struct.at(gx_coupling.class, "pattern");
    private static final int PARITY = Struct.at(gx_coupling.class, "parity");
    private static final int BEGIN = Struct.at(gx_coupling.class, "begin");
    private static final int END = Struct.at(gx_coupling.class, "end");

    static CouplingAt in(Class<? extends Pointer> type) {
      return new CouplingAt(Struct.at(type, "coupling"));
    }

    void put(Struct<?> struct, Examples x) {
      struct.fields.putLong(at + EXAMPLES, x.examples);
      struct.fields.putLong(at + CHANNELS, x.channels);
      struct.fields.putLong(at + HEIGHT, x.height);
      struct.fields.putLong(at + WIDTH, x.width);
      struct.fields.putInt(at + PATTERN, x.pattern.ordinal());
      struct.fields.putInt(at + PARITY, x.parity);
      struct.fields.putLong(at + BEGIN, x.begin);
      struct.fields.putLong(at + END, x.end);
    }
  }

  private static final class AffineStruct extends Struct<gx_affine_coupling_params> {
    private static final CouplingAt COUPLING = CouplingAt.in(gx_affine_coupling_params.class);
    private static final int SCALE = at(gx_affine_coupling_params.class, "scale");
    private static final int CLAMP = at(gx_affine_coupling_params.class, "clamp");
    private static final int STRIDE = at(gx_affine_coupling_params.class, "parameter_stride");
    private static final int INVERSE = at(gx_affine_coupling_params.class, "inverse");
    private static final int BASE = at(gx_affine_coupling_params.class, "base");

    AffineStruct() {
      super(gx_affine_coupling_params.class, gx_affine_coupling_params::new);
    }

    gx_affine_coupling_params fill(Affine p) {
      COUPLING.put(this, p.x);
      fields.putInt(SCALE, p.scale.ordinal());
      fields.putDouble(CLAMP, p.clamp);
      fields.putLong(STRIDE, p.parameterStride);
      fields.putInt(INVERSE, p.inverse ? 1 : 0);
      fields.putInt(BASE, p.base.ordinal());
      return pointer;
    }
  }

  private static final class SplineStruct extends Struct<gx_spline_coupling_params> {
    private static final CouplingAt COUPLING = CouplingAt.in(gx_spline_coupling_params.class);
    private static final int BINS = at(gx_spline_coupling_params.class, "bins");
    private static final int BOUND = at(gx_spline_coupling_params.class, "bound");
    private static final int MIN_WIDTH = at(gx_spline_coupling_params.class, "min_width");
    private static final int MIN_SLOPE = at(gx_spline_coupling_params.class, "min_slope");
    private static final int STRIDE = at(gx_spline_coupling_params.class, "parameter_stride");
    private static final int NUMBER = at(gx_spline_coupling_params.class, "number_stride");
    private static final int UNIT = at(gx_spline_coupling_params.class, "unit_stride");
    private static final int INVERSE = at(gx_spline_coupling_params.class, "inverse");

    SplineStruct() {
      super(gx_spline_coupling_params.class, gx_spline_coupling_params::new);
    }

    gx_spline_coupling_params fill(Spline p) {
      COUPLING.put(this, p.x);
      fields.putLong(BINS, p.bins);
      fields.putDouble(BOUND, p.bound);
      fields.putDouble(MIN_WIDTH, p.minWidth);
      fields.putDouble(MIN_SLOPE, p.minSlope);
      fields.putLong(STRIDE, p.parameterStride);
      fields.putLong(NUMBER, p.numberStride);
      fields.putLong(UNIT, p.unitStride);
      fields.putInt(INVERSE, p.inverse ? 1 : 0);
      return pointer;
    }
  }

  private static final class ChannelStruct extends Struct<gx_channel_affine_params> {
    private static final int EXAMPLES = at(gx_channel_affine_params.class, "examples");
    private static final int CHANNELS = at(gx_channel_affine_params.class, "channels");
    private static final int SPATIAL = at(gx_channel_affine_params.class, "spatial");
    private static final int INVERSE = at(gx_channel_affine_params.class, "inverse");
    private static final int BASE = at(gx_channel_affine_params.class, "base");

    ChannelStruct() {
      super(gx_channel_affine_params.class, gx_channel_affine_params::new);
    }

    gx_channel_affine_params fill(ChannelAffine p) {
      fields.putLong(EXAMPLES, p.examples);
      fields.putLong(CHANNELS, p.channels);
      fields.putLong(SPATIAL, p.spatial);
      fields.putInt(INVERSE, p.inverse ? 1 : 0);
      fields.putInt(BASE, p.base.ordinal());
      return pointer;
    }
  }

  private static final class DequantiseStruct extends Struct<gx_dequantise_params> {
    private static final int ROWS = at(gx_dequantise_params.class, "rows");
    private static final int UNITS = at(gx_dequantise_params.class, "units");
    private static final int LEVELS = at(gx_dequantise_params.class, "levels");
    private static final int LOGIT = at(gx_dequantise_params.class, "logit");
    private static final int LOW = at(gx_dequantise_params.class, "low");
    private static final int HIGH = at(gx_dequantise_params.class, "high");
    private static final int INVERSE = at(gx_dequantise_params.class, "inverse");

    DequantiseStruct() {
      super(gx_dequantise_params.class, gx_dequantise_params::new);
    }

    gx_dequantise_params fill(Dequantise p) {
      fields.putLong(ROWS, p.rows);
      fields.putLong(UNITS, p.units);
      fields.putLong(LEVELS, p.levels);
      fields.putInt(LOGIT, p.logit ? 1 : 0);
      fields.putDouble(LOW, p.low);
      fields.putDouble(HIGH, p.high);
      fields.putInt(INVERSE, p.inverse ? 1 : 0);
      return pointer;
    }
  }
}
