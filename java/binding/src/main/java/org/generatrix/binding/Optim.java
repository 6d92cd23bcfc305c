// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.nio.ByteBuffer;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.generatrix.binding.abi.Abi;
import org.generatrix.binding.abi.gx_adadelta_params;
import org.generatrix.binding.abi.gx_adagrad_params;
import org.generatrix.binding.abi.gx_adam_params;
import org.generatrix.binding.abi.gx_muon_params;
import org.generatrix.binding.abi.gx_read_segment;
import org.generatrix.binding.abi.gx_rmsprop_params;
import org.generatrix.binding.abi.gx_segment;
import org.generatrix.binding.abi.gx_sgd_params;
import org.generatrix.binding.abi.gx_step;

/**
 * optim.h: optimiser steps, each one call over all parameters of a model; the norm of all its
 * gradients; where it is not finite. The equations are in the header.
 */
public final class Optim {

  /**
   * A parameter with what belongs to it; mirrors gx_segment.
   *
   * @param p changed
   * @param g the gradient, of as many elements as p, like all others
   * @param s0 the rule's state, changed; null where the rule has none, like s1 and s2
   * @param ema the average of p, changed, or null
   * @param rows of p as a matrix of weights, or 0 if it is none
   */
  public record Segment(View p, View g, View s0, View s1, View s2, View ema, long rows) {}

  /**
   * What every rule takes; mirrors gx_step.
   *
   * @param rate the learning rate
   * @param gradientScale 1 leaves the gradient
   * @param clipValue infinity leaves the gradient
   */
  public record Step(
      double rate, double gradientScale, double clipValue, double weightDecay, double emaDecay) {}

  /** Where an element stands that is not finite: its array and its place there. */
  public record Place(int array, long element) {}

  private Optim() {}

  public static void sgd(
      Device device, Step step, double momentum, boolean nesterov, List<Segment> segments) {
    Tables tables = Tables.OF_THREAD.get();
    run(
        device,
        segments,
        (frame, format) ->
            Abi.gx_sgd(
                frame.device(),
                format,
                tables.sgd.fill(step, momentum, nesterov),
                segments.size(),
                tables.segments));
  }

  public static void adagrad(Device device, Step step, double epsilon, List<Segment> segments) {
    Tables tables = Tables.OF_THREAD.get();
    run(
        device,
        segments,
        (frame, format) ->
            Abi.gx_adagrad(
                frame.device(),
                format,
                tables.adagrad.fill(step, epsilon),
                segments.size(),
                tables.segments));
  }

  public static void adadelta(
      Device device, Step step, double rho, double epsilon, List<Segment> segments) {
    Tables tables = Tables.OF_THREAD.get();
    run(
        device,
        segments,
        (frame, format) ->
            Abi.gx_adadelta(
                frame.device(),
                format,
                tables.adadelta.fill(step, rho, epsilon),
                segments.size(),
                tables.segments));
  }

  public static void rmsProp(
      Device device,
      Step step,
      double alpha,
      double epsilon,
      double momentum,
      boolean centered,
      List<Segment> segments) {
    Tables tables = Tables.OF_THREAD.get();
    run(
        device,
        segments,
        (frame, format) ->
            Abi.gx_rmsprop(
                frame.device(),
                format,
                tables.rmsProp.fill(step, alpha, epsilon, momentum, centered),
                segments.size(),
                tables.segments));
  }

  /**
   * Adam, or AdamW if decoupled.
   *
   * @param t the number of this step, from 1
   */
  public static void adam(
      Device device,
      Step step,
      double beta1,
      double beta2,
      double epsilon,
      long t,
      boolean decoupled,
      boolean amsgrad,
      List<Segment> segments) {
    Tables tables = Tables.OF_THREAD.get();
    run(
        device,
        segments,
        (frame, format) ->
            Abi.gx_adam(
                frame.device(),
                format,
                tables.adam.fill(step, beta1, beta2, epsilon, t, decoupled, amsgrad),
                segments.size(),
                tables.segments));
  }

  /** Muon; every segment is a matrix. */
  public static void muon(
      Device device,
      Step step,
      double momentum,
      boolean nesterov,
      int iterations,
      List<Segment> segments) {
    Tables tables = Tables.OF_THREAD.get();
    long[] rows = segments.stream().mapToLong(Segment::rows).toArray();
    run(
        device,
        segments,
        (frame, format) ->
            Abi.gx_muon(
                frame.device(),
                format,
                tables.muon.fill(step, momentum, nesterov, iterations),
                segments.size(),
                tables.segments,
                rows));
  }

  /** sqrt of the sum of the squares of all elements of all arrays, summed in double. */
  public static double globalNorm(Device device, List<View> arrays) {
    double[] norm = new double[1];
    look(
        device,
        arrays,
        (frame, format) ->
            Abi.gx_global_norm(
                frame.device(), format, arrays.size(), Tables.OF_THREAD.get().reads, norm));
    return norm[0];
  }

  /** The first element that is NaN or infinite, in the order of the arrays, or null. */
  public static Place firstNotFinite(Device device, List<View> arrays) {
    long[] found = {-1, -1};
    look(
        device,
        arrays,
        (frame, format) ->
            Abi.gx_all_finite(
                frame.device(), format, arrays.size(), Tables.OF_THREAD.get().reads, found));
    return found[0] < 0 ? null : new Place((int) found[0], found[1]);
  }

  // --- The tables a call reads -----------------------------------------------------------------

  private interface Call {
    int with(CallFrame frame, int format);
  }

  private static void run(Device device, List<Segment> segments, Call call) {
    CallFrame frame = CallFrame.enter(device);
    try {
      if (!segments.isEmpty()) {
        int format = frame.format(segments.get(0).p());
        Tables.OF_THREAD.get().segments.fill(frame, segments);
        frame.check(call.with(frame, format));
      }
    } finally {
      frame.exit();
    }
  }

  private static void look(Device device, List<View> arrays, Call call) {
    CallFrame frame = CallFrame.enter(device);
    try {
      if (!arrays.isEmpty()) {
        int format = frame.format(arrays.get(0));
        Tables.OF_THREAD.get().reads.fill(frame, arrays);
        frame.check(call.with(frame, format));
      }
    } finally {
      frame.exit();
    }
  }

  private static final class Tables {
    static final ThreadLocal<Tables> OF_THREAD = ThreadLocal.withInitial(Tables::new);

    final SgdStruct sgd = new SgdStruct();
    final AdagradStruct adagrad = new AdagradStruct();
    final AdadeltaStruct adadelta = new AdadeltaStruct();
    final RmsPropStruct rmsProp = new RmsPropStruct();
    final AdamStruct adam = new AdamStruct();
    final MuonStruct muon = new MuonStruct();
    final SegmentTable segments = new SegmentTable();
    final ReadTable reads = new ReadTable();
  }

  /** gx_segment structs in the call's scratch memory. */
  private static final class SegmentTable extends gx_segment {
    private static final int SIZE = Loader.sizeof(gx_segment.class);
    private static final int COUNT = Struct.at(gx_segment.class, "count");
    private static final int P = Struct.at(gx_segment.class, "p");
    private static final int G = Struct.at(gx_segment.class, "g");
    private static final int S0 = Struct.at(gx_segment.class, "s0");
    private static final int S1 = Struct.at(gx_segment.class, "s1");
    private static final int S2 = Struct.at(gx_segment.class, "s2");
    private static final int EMA = Struct.at(gx_segment.class, "ema");

    SegmentTable() {
      super((Pointer) null);
    }

    void fill(CallFrame frame, List<Segment> segments) {
      ByteBuffer fields = frame.scratch(Sizes.bytes(SIZE, 1, segments.size()));
      address = frame.scratchAddress();
      int at = 0;
      for (Segment s : segments) {
        long n = s.p().count();
        fields.putLong(at + COUNT, n);
        fields.putLong(at + P, frame.arrayAddress("p", s.p(), n));
        fields.putLong(at + G, frame.arrayAddress("g", s.g(), n));
        fields.putLong(at + S0, frame.optionalAddress("s0", s.s0(), n));
        fields.putLong(at + S1, frame.optionalAddress("s1", s.s1(), n));
        fields.putLong(at + S2, frame.optionalAddress("s2", s.s2(), n));
        fields.putLong(at + EMA, frame.optionalAddress("ema", s.ema(), n));
        at += SIZE;
      }
    }
  }

  /** gx_read_segment structs in the call's scratch memory. */
  private static final class ReadTable extends gx_read_segment {
    private static final int SIZE = Loader.sizeof(gx_read_segment.class);
    private static final int COUNT = Struct.at(gx_read_segment.class, "count");
    private static final int DATA = Struct.at(gx_read_segment.class, "data");

    ReadTable() {
      super((Pointer) null);
    }

    void fill(CallFrame frame, List<View> arrays) {
      ByteBuffer fields = frame.scratch(Sizes.bytes(SIZE, 1, arrays.size()));
      address = frame.scratchAddress();
      int at = 0;
      for (View view : arrays) {
        fields.putLong(at + COUNT, view.count());
        fields.putLong(at + DATA, frame.arrayAddress("an array", view, view.count()));
        at += SIZE;
      }
    }
  }

  // --- Params ----------------------------------------------------------------------------------

  private static final int RATE = Struct.at(gx_step.class, "rate");
  private static final int GRADIENT_SCALE = Struct.at(gx_step.class, "gradient_scale");
  private static final int CLIP_VALUE = Struct.at(gx_step.class, "clip_value");
  private static final int WEIGHT_DECAY = Struct.at(gx_step.class, "weight_decay");
  private static final int EMA_DECAY = Struct.at(gx_step.class, "ema_decay");

  private static void put(Struct<?> struct, int at, Step step) {
    struct.fields.putDouble(at + RATE, step.rate());
    struct.fields.putDouble(at + GRADIENT_SCALE, step.gradientScale());
    struct.fields.putDouble(at + CLIP_VALUE, step.clipValue());
    struct.fields.putDouble(at + WEIGHT_DECAY, step.weightDecay());
    struct.fields.putDouble(at + EMA_DECAY, step.emaDecay());
  }

  private static final class SgdStruct extends Struct<gx_sgd_params> {
    private static final int STEP = at(gx_sgd_params.class, "step");
    private static final int MOMENTUM = at(gx_sgd_params.class, "momentum");
    private static final int NESTEROV = at(gx_sgd_params.class, "nesterov");

    SgdStruct() {
      super(gx_sgd_params.class, gx_sgd_params::new);
    }

    gx_sgd_params fill(Step step, double momentum, boolean nesterov) {
      put(this, STEP, step);
      fields.putDouble(MOMENTUM, momentum);
      fields.putInt(NESTEROV, nesterov ? 1 : 0);
      return pointer;
    }
  }

  private static final class MuonStruct extends Struct<gx_muon_params> {
    private static final int STEP = at(gx_muon_params.class, "step");
    private static final int MOMENTUM = at(gx_muon_params.class, "momentum");
    private static final int NESTEROV = at(gx_muon_params.class, "nesterov");
    private static final int ITERATIONS = at(gx_muon_params.class, "iterations");

    MuonStruct() {
      super(gx_muon_params.class, gx_muon_params::new);
    }

    gx_muon_params fill(Step step, double momentum, boolean nesterov, int iterations) {
      put(this, STEP, step);
      fields.putDouble(MOMENTUM, momentum);
      fields.putInt(NESTEROV, nesterov ? 1 : 0);
      fields.putInt(ITERATIONS, iterations);
      return pointer;
    }
  }

  private static final class AdagradStruct extends Struct<gx_adagrad_params> {
    private static final int STEP = at(gx_adagrad_params.class, "step");
    private static final int EPSILON = at(gx_adagrad_params.class, "epsilon");

    AdagradStruct() {
      super(gx_adagrad_params.class, gx_adagrad_params::new);
    }

    gx_adagrad_params fill(Step step, double epsilon) {
      put(this, STEP, step);
      fields.putDouble(EPSILON, epsilon);
      return pointer;
    }
  }

  private static final class AdadeltaStruct extends Struct<gx_adadelta_params> {
    private static final int STEP = at(gx_adadelta_params.class, "step");
    private static final int RHO = at(gx_adadelta_params.class, "rho");
    private static final int EPSILON = at(gx_adadelta_params.class, "epsilon");

    AdadeltaStruct() {
      super(gx_adadelta_params.class, gx_adadelta_params::new);
    }

    gx_adadelta_params fill(Step step, double rho, double epsilon) {
      put(this, STEP, step);
      fields.putDouble(RHO, rho);
      fields.putDouble(EPSILON, epsilon);
      return pointer;
    }
  }

  private static final class RmsPropStruct extends Struct<gx_rmsprop_params> {
    private static final int STEP = at(gx_rmsprop_params.class, "step");
    private static final int ALPHA = at(gx_rmsprop_params.class, "alpha");
    private static final int EPSILON = at(gx_rmsprop_params.class, "epsilon");
    private static final int MOMENTUM = at(gx_rmsprop_params.class, "momentum");
    private static final int CENTERED = at(gx_rmsprop_params.class, "centered");

    RmsPropStruct() {
      super(gx_rmsprop_params.class, gx_rmsprop_params::new);
    }

    gx_rmsprop_params fill(
        Step step, double alpha, double epsilon, double momentum, boolean centered) {
      put(this, STEP, step);
      fields.putDouble(ALPHA, alpha);
      fields.putDouble(EPSILON, epsilon);
      fields.putDouble(MOMENTUM, momentum);
      fields.putInt(CENTERED, centered ? 1 : 0);
      return pointer;
    }
  }

  private static final class AdamStruct extends Struct<gx_adam_params> {
    private static final int STEP = at(gx_adam_params.class, "step");
    private static final int BETA1 = at(gx_adam_params.class, "beta1");
    private static final int BETA2 = at(gx_adam_params.class, "beta2");
    private static final int EPSILON = at(gx_adam_params.class, "epsilon");
    private static final int T = at(gx_adam_params.class, "t");
    private static final int DECOUPLED = at(gx_adam_params.class, "decoupled");
    private static final int AMSGRAD = at(gx_adam_params.class, "amsgrad");

    AdamStruct() {
      super(gx_adam_params.class, gx_adam_params::new);
    }

    gx_adam_params fill(
        Step step,
        double beta1,
        double beta2,
        double epsilon,
        long t,
        boolean decoupled,
        boolean amsgrad) {
      put(this, STEP, step);
      fields.putDouble(BETA1, beta1);
      fields.putDouble(BETA2, beta2);
      fields.putDouble(EPSILON, epsilon);
      fields.putLong(T, t);
      fields.putInt(DECOUPLED, decoupled ? 1 : 0);
      fields.putInt(AMSGRAD, amsgrad ? 1 : 0);
      return pointer;
    }
  }
}
