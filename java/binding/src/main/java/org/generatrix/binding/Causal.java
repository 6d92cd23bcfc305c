// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.nio.ByteBuffer;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.generatrix.binding.abi.Abi;
import org.generatrix.binding.abi.gx_causal_head;
import org.generatrix.binding.abi.gx_causal_node;
import org.generatrix.binding.abi.gx_causal_program;
import org.generatrix.binding.abi.gx_causal_run;
import org.generatrix.binding.abi.gx_causal_source;
import org.generatrix.binding.abi.gx_causal_tap;
import org.generatrix.binding.abi.gx_rng;

/** causal.h: drawing images from autoregressive networks, each activation computed once. */
public final class Causal {

  /** What a node is; mirrors gx_causal_kind. */
  public enum Kind {
    INPUT,
    EXAMPLE,
    CONV,
    UNARY,
    BINARY,
    CONCAT,
    CONCAT_ELU
  }

  /** How a head draws; mirrors gx_causal_distribution. */
  public enum Distribution {
    BERNOULLI,
    CATEGORICAL,
    LOGISTIC_MIXTURE
  }

  /** A tap of a convolution; mirrors gx_causal_tap. */
  public record Tap(int dh, int dw, int weight) {}

  /** Channels of an earlier node; mirrors gx_causal_source. */
  public record Source(
      int node, long firstChannel, long channels, long firstColumn, List<Tap> taps) {
    public Source {
      taps = List.copyOf(taps);
    }

    /** Read at the pixel itself. */
    public Source(int node, long firstChannel, long channels) {
      this(node, firstChannel, channels, 0, List.of());
    }
  }

  /**
   * Where a convolution finds the weights of its rows and columns; see gx_causal_node.
   *
   * @param b null for none
   */
  public record Weights(
      boolean transposed,
      long strideH,
      long strideW,
      long firstRow,
      long rowStep,
      long columnStep,
      View w,
      View b) {}

  /**
   * A node; mirrors gx_causal_node.
   *
   * @param function the ordinal of an {@link Activation}, {@link Unary} or {@link Binary}
   * @param p its parameter
   * @param firstChannel of the image, of an INPUT
   * @param values of an EXAMPLE, else null
   * @param weights of a CONV, else null
   */
  public record Node(
      Kind kind,
      int function,
      double p,
      long channels,
      long height,
      long width,
      List<Source> sources,
      long firstChannel,
      View values,
      Weights weights) {
    public Node {
      sources = List.copyOf(sources);
    }
  }

  /** A head; mirrors gx_causal_head. */
  public record Head(
      Distribution distribution,
      int node,
      long firstChannel,
      long imageChannel,
      long drawn,
      long levels,
      long components,
      double minLogScale,
      View values) {}

  /** A network to draw from; mirrors gx_causal_program. */
  public record Program(
      long channels, long height, long width, List<Node> nodes, List<Head> heads) {
    public Program {
      nodes = List.copyOf(nodes);
      heads = List.copyOf(heads);
    }
  }

  /**
   * What to draw; mirrors gx_causal_run.
   *
   * @param observed as large as x, or null
   * @param x [rows, channels, height, width]
   * @param logits [rows, parameters, height, width] of each head, one after another, or null
   * @param logitCount how many that are
   */
  public record Run(
      long rows,
      Rng rng,
      View observed,
      boolean allObserved,
      View x,
      View logits,
      long logitCount) {}

  private Causal() {}

  /**
   * Draws x where it is not observed.
   *
   * @param logLikelihood [rows], or null
   * @param evaluations [height width], or null
   */
  public static void sample(
      Device device, Program program, Run run, double[] logLikelihood, long[] evaluations) {
    CallFrame frame = CallFrame.enter(device);
    try {
      int format = frame.format(run.x);
      Layout at = new Layout(program, run, logLikelihood != null, evaluations != null);
      ByteBuffer memory = frame.scratch(at.bytes);
      at.zero(memory);
      at.program(frame, memory);
      ProgramStruct p = ProgramStruct.OF_THREAD.get();
      RunStruct r = RunStruct.OF_THREAD.get();
      at.fill(frame, p, r);
      frame.check(Abi.gx_causal_sample(frame.device(), format, p.pointer, r.pointer));
      for (int i = 0; logLikelihood != null && i < run.rows; i++) {
        logLikelihood[i] = memory.getDouble(at.logLikelihood + i * Double.BYTES);
      }
      for (int i = 0; evaluations != null && i < evaluations.length; i++) {
        evaluations[i] = memory.getLong(at.evaluations + i * Long.BYTES);
      }
    } finally {
      frame.exit();
    }
  }

  /** Where the arrays of one call lie in its scratch, and what stands there. */
  private static final class Layout {
    private final Program program;
    private final Run run;
    private final boolean scored;
    private final boolean counted;
    private final int nodes;
    private final int sources;
    private final int taps;
    private final int heads;
    private final long sourceCount;
    private final long tapCount;
    final int logLikelihood;
    final int evaluations;
    final int bytes;

    Layout(Program program, Run run, boolean scored, boolean counted) {
      this.program = program;
      this.run = run;
      this.scored = scored;
      this.counted = counted;
      sourceCount = program.nodes.stream().mapToLong(n -> n.sources.size()).sum();
      tapCount =
          program.nodes.stream()
              .flatMap(n -> n.sources.stream())
              .mapToLong(s -> s.taps.size())
              .sum();
      nodes = 0;
      sources = after(nodes, program.nodes.size(), NodeAt.SIZE);
      taps = after(sources, sourceCount, SourceAt.SIZE);
      heads = after(taps, tapCount, TapAt.SIZE);
      logLikelihood = after(heads, program.heads.size(), HeadAt.SIZE);
      evaluations = after(logLikelihood, scored ? run.rows : 0, Double.BYTES);
      bytes =
          after(
              evaluations,
              counted ? Math.multiplyExact(program.height, program.width) : 0,
              Long.BYTES);
    }

    /** The next place on the grid of 8 bytes. */
    private static int after(int at, long count, int size) {
      long next = Math.addExact(at, Math.multiplyExact(count, size) + 7) / 8 * 8;
      return Math.toIntExact(next);
    }

    void zero(ByteBuffer memory) {
      for (int i = 0; i < bytes; i += Long.BYTES) {
        memory.putLong(i, 0);
      }
    }

    void program(CallFrame frame, ByteBuffer to) {
      int source = 0;
      int tap = 0;
      for (int i = 0; i < program.nodes.size(); i++) {
        Node n = program.nodes.get(i);
        int at = nodes + i * NodeAt.SIZE;
        to.putInt(at + NodeAt.KIND, n.kind.ordinal());
        to.putInt(at + NodeAt.FUNCTION, n.function);
        to.putDouble(at + NodeAt.P, n.p);
        to.putLong(at + NodeAt.CHANNELS, n.channels);
        to.putLong(at + NodeAt.HEIGHT, n.height);
        to.putLong(at + NodeAt.WIDTH, n.width);
        to.putLong(at + NodeAt.FIRST_SOURCE, source);
        to.putLong(at + NodeAt.SOURCES, n.sources.size());
        to.putLong(at + NodeAt.FIRST_CHANNEL, n.firstChannel);
        if (n.values != null) {
          long count = Math.multiplyExact(run.rows, n.channels);
          to.putLong(at + NodeAt.VALUES, frame.arrayAddress("values", n.values, count));
        }
        if (n.weights != null) {
          weights(frame, to, at, n.weights);
        }
        for (Source s : n.sources) {
          int from = sources + source++ * SourceAt.SIZE;
          to.putLong(from + SourceAt.NODE, s.node);
          to.putLong(from + SourceAt.FIRST_CHANNEL, s.firstChannel);
          to.putLong(from + SourceAt.CHANNELS, s.channels);
          to.putLong(from + SourceAt.FIRST_COLUMN, s.firstColumn);
          to.putLong(from + SourceAt.FIRST_TAP, tap);
          to.putLong(from + SourceAt.TAPS, s.taps.size());
          for (Tap t : s.taps) {
            int of = taps + tap++ * TapAt.SIZE;
            to.putInt(of + TapAt.DH, t.dh);
            to.putInt(of + TapAt.DW, t.dw);
            to.putInt(of + TapAt.WEIGHT, t.weight);
          }
        }
      }
      for (int i = 0; i < program.heads.size(); i++) {
        head(frame, to, heads + i * HeadAt.SIZE, program.heads.get(i));
      }
    }

    private static void weights(CallFrame frame, ByteBuffer to, int at, Weights w) {
      to.putInt(at + NodeAt.TRANSPOSED, w.transposed ? 1 : 0);
      to.putLong(at + NodeAt.STRIDE, w.strideH);
      to.putLong(at + NodeAt.STRIDE + Long.BYTES, w.strideW);
      to.putLong(at + NodeAt.FIRST_ROW, w.firstRow);
      to.putLong(at + NodeAt.ROW_STEP, w.rowStep);
      to.putLong(at + NodeAt.COLUMN_STEP, w.columnStep);
      to.putLong(at + NodeAt.WEIGHTS, w.w.count());
      to.putLong(at + NodeAt.BIASES, w.b == null ? 0 : w.b.count());
      to.putLong(at + NodeAt.W, frame.arrayAddress("W", w.w, 0));
      to.putLong(at + NodeAt.B, frame.optionalAddress("b", w.b, 0));
    }

    private static void head(CallFrame frame, ByteBuffer to, int at, Head h) {
      to.putInt(at + HeadAt.DISTRIBUTION, h.distribution.ordinal());
      to.putLong(at + HeadAt.NODE, h.node);
      to.putLong(at + HeadAt.FIRST_CHANNEL, h.firstChannel);
      to.putLong(at + HeadAt.IMAGE_CHANNEL, h.imageChannel);
      to.putLong(at + HeadAt.DRAWN, h.drawn);
      to.putLong(at + HeadAt.LEVELS, h.levels);
      to.putLong(at + HeadAt.COMPONENTS, h.components);
      to.putDouble(at + HeadAt.MIN_LOG_SCALE, h.minLogScale);
      to.putLong(at + HeadAt.VALUES, frame.arrayAddress("values", h.values, h.levels));
    }

    void fill(CallFrame frame, ProgramStruct p, RunStruct r) {
      long base = frame.scratchAddress();
      p.fields.putLong(ProgramStruct.CHANNELS, program.channels);
      p.fields.putLong(ProgramStruct.HEIGHT, program.height);
      p.fields.putLong(ProgramStruct.WIDTH, program.width);
      p.fields.putLong(ProgramStruct.NODES, program.nodes.size());
      p.fields.putLong(ProgramStruct.SOURCES, sourceCount);
      p.fields.putLong(ProgramStruct.TAPS, tapCount);
      p.fields.putLong(ProgramStruct.HEADS, program.heads.size());
      p.fields.putLong(ProgramStruct.NODE, base + nodes);
      p.fields.putLong(ProgramStruct.SOURCE, base + sources);
      p.fields.putLong(ProgramStruct.TAP, base + taps);
      p.fields.putLong(ProgramStruct.HEAD, base + heads);
      long entries =
          Math.multiplyExact(
              Math.multiplyExact(run.rows, program.channels),
              Math.multiplyExact(program.height, program.width));
      r.fields.putLong(RunStruct.ROWS, run.rows);
      r.fields.putLong(RunStruct.RNG + RunStruct.SEED, run.rng.seed());
      r.fields.putLong(RunStruct.RNG + RunStruct.STEP, run.rng.step());
      r.fields.putLong(
          RunStruct.OBSERVED, frame.optionalAddress("observed", run.observed, entries));
      r.fields.putInt(RunStruct.ALL_OBSERVED, run.allObserved ? 1 : 0);
      r.fields.putLong(RunStruct.X, frame.arrayAddress("x", run.x, entries));
      r.fields.putLong(
          RunStruct.LOGITS, frame.optionalAddress("logits", run.logits, run.logitCount));
      r.fields.putLong(RunStruct.LOG_LIKELIHOOD, scored ? base + logLikelihood : 0);
      r.fields.putLong(RunStruct.EVALUATIONS, counted ? base + evaluations : 0);
    }
  }

  private static final class NodeAt {
    static final int SIZE = Loader.sizeof(gx_causal_node.class);
    static final int KIND = at("kind");
    static final int FUNCTION = at("function");
    static final int P = at("p");
    static final int CHANNELS = at("channels");
    static final int HEIGHT = at("height");
    static final int WIDTH = at("width");
    static final int FIRST_SOURCE = at("first_source");
    static final int SOURCES = at("sources");
    static final int FIRST_CHANNEL = at("first_channel");
    static final int VALUES = at("values");
    static final int TRANSPOSED = at("transposed");
    static final int STRIDE = at("stride");
    static final int FIRST_ROW = at("first_row");
    static final int ROW_STEP = at("row_step");
    static final int COLUMN_STEP = at("column_step");
    static final int WEIGHTS = at("weights");
    static final int BIASES = at("biases");
    static final int W = at("W");
    static final int B = at("b");

    private static int at(String field) {
      return Struct.at(gx_causal_node.class, field);
    }
  }

  private static final class SourceAt {
    static final int SIZE = Loader.sizeof(gx_causal_source.class);
    static final int NODE = at("node");
    static final int FIRST_CHANNEL = at("first_channel");
    static final int CHANNELS = at("channels");
    static final int FIRST_COLUMN = at("first_column");
    static final int FIRST_TAP = at("first_tap");
    static final int TAPS = at("taps");

    private static int at(String field) {
      return Struct.at(gx_causal_source.class, field);
    }
  }

  private static final class TapAt {
    static final int SIZE = Loader.sizeof(gx_causal_tap.class);
    static final int DH = Struct.at(gx_causal_tap.class, "dh");
    static final int DW = Struct.at(gx_causal_tap.class, "dw");
    static final int WEIGHT = Struct.at(gx_causal_tap.class, "weight");
  }

  private static final class HeadAt {
    static final int SIZE = Loader.sizeof(gx_causal_head.class);
    static final int DISTRIBUTION = at("distribution");
    static final int NODE = at("node");
    static final int FIRST_CHANNEL = at("first_channel");
    static final int IMAGE_CHANNEL = at("image_channel");
    static final int DRAWN = at("drawn");
    static final int LEVELS = at("levels");
    static final int COMPONENTS = at("components");
    static final int MIN_LOG_SCALE = at("min_log_scale");
    static final int VALUES = at("values");

    private static int at(String field) {
      return Struct.at(gx_causal_head.class, field);
    }
  }

  private static final class ProgramStruct extends Struct<gx_causal_program> {
    static final ThreadLocal<ProgramStruct> OF_THREAD = ThreadLocal.withInitial(ProgramStruct::new);
    static final int CHANNELS = offset("channels");
    static final int HEIGHT = offset("height");
    static final int WIDTH = offset("width");
    static final int NODES = offset("nodes");
    static final int SOURCES = offset("sources");
    static final int TAPS = offset("taps");
    static final int HEADS = offset("heads");
    static final int NODE = offset("node");
    static final int SOURCE = offset("source");
    static final int TAP = offset("tap");
    static final int HEAD = offset("head");

    ProgramStruct() {
      super(gx_causal_program.class, gx_causal_program::new);
    }

    private static int offset(String field) {
      return at(gx_causal_program.class, field);
    }
  }

  private static final class RunStruct extends Struct<gx_causal_run> {
    static final ThreadLocal<RunStruct> OF_THREAD = ThreadLocal.withInitial(RunStruct::new);
    static final int SEED = at(gx_rng.class, "seed");
    static final int STEP = at(gx_rng.class, "step");
    static final int ROWS = offset("rows");
    static final int RNG = offset("rng");
    static final int OBSERVED = offset("observed");
    static final int ALL_OBSERVED = offset("all_observed");
    static final int X = offset("x");
    static final int LOGITS = offset("logits");
    static final int LOG_LIKELIHOOD = offset("log_likelihood");
    static final int EVALUATIONS = offset("evaluations");

    RunStruct() {
      super(gx_causal_run.class, gx_causal_run::new);
    }

    private static int offset(String field) {
      return at(gx_causal_run.class, field);
    }
  }
}
