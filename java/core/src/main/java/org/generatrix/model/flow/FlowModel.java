// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.generatrix.autograd.Couplings;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.Base;
import org.generatrix.binding.Device;
import org.generatrix.binding.Rng;
import org.generatrix.model.Encoder;
import org.generatrix.model.ExactDensity;
import org.generatrix.model.ModelFile;
import org.generatrix.model.RowParts;
import org.generatrix.model.Sampler;
import org.generatrix.nn.Module;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * A density made of an invertible map f from data to latents and a base density of independent
 * latents: log p(x) = log p_base(f(x)) + log |det df/dx|, exact up to rounding; a sample is f^-1 of
 * latents drawn from the base. Dinh, Krueger, Bengio, "NICE", 2015, eq. 1; Dinh, Sohl-Dickstein,
 * Bengio, "Density estimation using Real NVP", 2017, eq. 2.
 *
 * <p>Rows of data are what {@link #dequantisation} says: real numbers, or levels as intensities in
 * [0, 1], to which noise is added. Nats are then of the density of u in [0, 1]^D, the usual scale;
 * {@link #bitsPerDimension} goes to levels. For scores the noise of a row depends on its place in x
 * alone, so that the same call gives the same bits.
 *
 * <p>A row that holds a NaN, or whose way through the flow leaves the numbers that float32 can take
 * back, has log-likelihood NaN; one that holds an infinity has NaN or minus infinity; other rows
 * keep theirs. What is decoded or sampled is finite, or the call fails.
 *
 * <p>Several threads may score, encode and sample one model while nobody trains it.
 */
public abstract class FlowModel extends Module implements Sampler, Encoder, ExactDensity {
  private static final int ENTRIES = 1 << 20; // of a layer scored at a time: what the caches like
  private static final int LEAST_ROWS = 16;
  private static final int MOST_ROWS = 4096;
  private static final double HALF_STEP = 0x1p-25; // of the uniform numbers' grid

  private final Device device;
  private final Dequantisation dequantisation;
  private final long context;
  private final long[] example;
  private final int units;

  /**
   * @param context units that the transforms are conditioned on, 0 for none
   * @param example the sizes of an example as the transform takes it: [units] or [channels, height,
   *     width]
   */
  protected FlowModel(Device device, Dequantisation dequantisation, long context, long... example) {
    this.device = Objects.requireNonNull(device, "device");
    this.dequantisation = Objects.requireNonNull(dequantisation, "dequantisation");
    this.context = context;
    this.example = example.clone();
    units = Math.toIntExact(Arrays.stream(example).reduce(1, Math::multiplyExact));
  }

  // --- What a model is ------------------------------------------------------------------------

  /** The kind of its model files. */
  public abstract String kind();

  /** Its configuration. */
  public abstract Record config();

  /** f. */
  public abstract Transform transform();

  /** The density of latents, not NONE. */
  public abstract Base base();

  /** What rows of data are. */
  public final Dequantisation dequantisation() {
    return dequantisation;
  }

  /** Numbers of a row of data, D. */
  public final int units() {
    return units;
  }

  /** The sizes of an example as the transform takes it. */
  public final long[] example() {
    return example.clone();
  }

  /** Numbers that each row is conditioned on, 0 for none. Classes are one-hot. */
  public final long context() {
    return context;
  }

  public final Device device() {
    return device;
  }

  // --- Files ----------------------------------------------------------------------------------

  /** Any of these models, by the kind that its file says. */
  public static FlowModel load(Path path, Device device) throws IOException {
    String kind = ModelFile.kindOf(path);
    return switch (kind) {
      case Nice.KIND -> Nice.load(path, device);
      case NvpNet.KIND -> NvpNet.load(path, device);
      case RealNvp.KIND -> RealNvp.load(path, device);
      case SplineFlow.KIND -> SplineFlow.load(path, device);
      default ->
          throw new IllegalArgumentException("expected a flow, got the kind \"" + kind + "\"");
    };
  }

  /** Fills a model made for a file's configuration; closes it if that fails. */
  protected static <M extends FlowModel> M filled(M model, ModelFile file) throws IOException {
    try {
      model.read(file);
      return model;
    } catch (IOException | RuntimeException e) {
      model.close();
      throw e;
    }
  }

  public final void save(Path path) throws IOException {
    ModelFile.Writer file = ModelFile.writer(kind(), config());
    write(file);
    file.save(path);
  }

  // --- The model, on a tape -------------------------------------------------------------------

  /** Rows of data, floats or bits [n, D], as a value of the tape. */
  public final Var input(Tape tape, Tensor x) {
    requireRows("x", x);
    return tape.constant(x.dtype() == DType.FLOAT32 ? x : tape.own(x.toFloats()));
  }

  /**
   * log p(x) of each row, FLOAT64 [n]; dequantisation draws the tape's next numbers.
   *
   * @param x [n, D]
   * @param context [n, context units], or null where there is none
   */
  public final Var logLikelihood(Var x, Var context) {
    requireContext(x.shape()[0], context == null ? null : context.value());
    Prepared u = prepared(x);
    return transform().forwardUnder(base(), u.value(), u.logDet(), context).logDet();
  }

  /** Data as the transform takes them; a log-determinant of null is zeros. */
  private record Prepared(Var value, Var logDet) {}

  private Prepared prepared(Var x) {
    Dequantisation d = dequantisation;
    if (d.logit()) {
      Mapped logit =
          d.levels() > 0
              ? Couplings.dequantise(x, x.tape().nextRng(), d.levels(), d.low(), d.high())
              : Couplings.logit(x, null, d.low(), d.high());
      return new Prepared(shaped(logit.value(), example), logit.logDet());
    }
    Var u = d.levels() > 0 ? Couplings.dequantise(x, x.tape().nextRng(), d.levels()) : x;
    return new Prepared(shaped(u, example), null);
  }

  private static Var shaped(Var rows, long... sizes) {
    if (sizes.length == 1) {
      return rows;
    }
    long[] shape = new long[sizes.length + 1];
    shape[0] = rows.shape()[0];
    System.arraycopy(sizes, 0, shape, 1, sizes.length);
    return rows.reshape(shape);
  }

  // --- Scores ---------------------------------------------------------------------------------

  @Override
  public final double[] logLikelihood(Tensor x) {
    return logLikelihood(x, null);
  }

  /**
   * log p(x | context) of each row in nats.
   *
   * @param context float [n, context units], or one row for all; null if there is none
   */
  public final double[] logLikelihood(Tensor x, Tensor context) {
    double[] nats = new double[Math.toIntExact(x.rows())];
    each(
        "x",
        x,
        context,
        (first, rows, given) ->
            System.arraycopy(
                logLikelihood(input(rows.tape(), rows.value()), given).value().toDoubleArray(),
                0,
                nats,
                first,
                Math.toIntExact(rows.shape()[0])));
    return nats;
  }

  /** How little a row is expected: minus its log-likelihood in nats, the larger the stranger. */
  public final double[] anomalyScores(Tensor x) {
    return anomalyScores(x, null);
  }

  /** The same given a context. */
  public final double[] anomalyScores(Tensor x, Tensor context) {
    double[] scores = logLikelihood(x, context);
    Arrays.setAll(scores, i -> -scores[i]);
    return scores;
  }

  /**
   * A log-likelihood of a row in nats as bits for each of its numbers: log2 levels - nats / (D log
   * 2). Of levels, its mean over data and noise bounds the bits that a code for them needs; of real
   * numbers, it is a differential entropy and may be negative.
   */
  public final double bitsPerDimension(double nats) {
    int levels = Math.max(1, dequantisation.levels());
    return (Math.log(levels) - nats / units) / Math.log(2);
  }

  // --- Latents --------------------------------------------------------------------------------

  /** The latents f(x) of each row, [n, D]. */
  @Override
  public final Tensor encode(Tensor x) {
    return encode(x, null);
  }

  /** The same given a context. */
  public final Tensor encode(Tensor x, Tensor context) {
    return map(
        "x",
        x,
        context,
        (first, rows, given) -> {
          Prepared u = prepared(input(rows.tape(), rows.value()));
          return transform().forward(u.value(), u.logDet(), given).value().value().toArray();
        });
  }

  /**
   * The data f^-1(z) of each row of latents [n, D]; levels as intensities.
   *
   * @throws ArithmeticException that names the first row whose data would not be finite
   */
  public final Tensor decode(Tensor z) {
    return decode(z, null);
  }

  /** The same given a context. */
  public final Tensor decode(Tensor z, Tensor context) {
    long[] latent = transform().forwardShape(example());
    return map(
        "z",
        z,
        context,
        (first, rows, given) -> {
          Var u = transform().inverse(shaped(rows, latent), null, given).value();
          if (dequantisation.logit()) {
            u =
                Couplings.logitInverse(u, null, dequantisation.low(), dequantisation.high())
                    .value();
          }
          return data(first, u.value().toArray());
        });
  }

  private float[] data(int first, float... values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new ArithmeticException(
            "expected finite data, got %s at unit %d of row %d: the flow cannot be inverted there"
                .formatted(values[i], i % units, first + i / units));
      }
      values[i] = dequantisation.value(values[i]);
    }
    return values;
  }

  /**
   * Data on the way from rows a to rows b: of each pair, the decoded latents at even steps along
   * the arc between theirs, which keeps to where the base density has its mass (Shoemake 1985).
   *
   * @param a [n, D] and {@code b} alike
   * @param steps at least 2, the ends among them
   * @return [n steps, D], those of the first pair first
   */
  public final Tensor interpolate(Tensor a, Tensor b, int steps) {
    return interpolate(a, b, steps, null);
  }

  /**
   * The same given a context.
   *
   * @param context of each pair, or one row for all
   */
  public final Tensor interpolate(Tensor a, Tensor b, int steps, Tensor context) {
    requireRows("a", a);
    requireRows("b", b);
    if (a.rows() != b.rows() || steps < 2) {
      throw new IllegalArgumentException(
          "expected as many rows b as a and at least 2 steps, got %d, %d and %d"
              .formatted(b.rows(), a.rows(), steps));
    }
    int n = Math.toIntExact(a.rows());
    float[] path = new float[Math.multiplyExact(Math.multiplyExact(n, steps), units)];
    try (Tensor from = encode(a, context);
        Tensor to = encode(b, context)) {
      float[] start = from.toArray();
      float[] end = to.toArray();
      for (int row = 0; row < n; row++) {
        Arc arc = Arc.between(start, end, row * units, units);
        for (int step = 0; step < steps; step++) {
          arc.at(step / (steps - 1.0), path, (row * steps + step) * units);
        }
      }
    }
    long[] pair = new long[n * steps];
    Arrays.setAll(pair, i -> i / steps);
    boolean each = context != null && context.rows() > 1;
    try (Tensor z = Tensor.of(device, path, (long) n * steps, units);
        Tensor given = each ? context.rowsAt(pair) : null) {
      return decode(z, each ? given : context);
    }
  }

  // --- Samples --------------------------------------------------------------------------------

  @Override
  public final Tensor sample(int n, long seed) {
    return sample(n, 1, null, seed);
  }

  /**
   * Data decoded from latents of the base density, drawn and multiplied by a temperature: below 1
   * samples keep to the middle of the distribution, 0 is f^-1(0).
   *
   * @param temperature finite, at least 0
   * @param context float [n, context units], or one row for all; null if there is none
   * @throws ArithmeticException that names the first row that is not finite
   */
  public final Tensor sample(int n, double temperature, Tensor context, long seed) {
    if (n < 1) {
      throw new IllegalArgumentException("n must be at least 1, got " + n);
    }
    if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "temperature must be finite and not negative, got " + temperature);
    }
    try (Tensor z = latents(n, temperature, seed)) {
      return decode(z, context);
    }
  }

  private Tensor latents(int n, double temperature, long seed) {
    Rng rng = new Rng(seed, 0);
    boolean logistic = base() == Base.LOGISTIC;
    Tensor z =
        logistic ? Tensor.uniform(device, rng, n, units) : Tensor.normal(device, rng, n, units);
    try {
      if (logistic || temperature != 1) {
        float[] values = z.toArray();
        for (int i = 0; i < values.length; i++) {
          double u = values[i];
          double drawn = logistic ? Math.log((u + HALF_STEP) / (1 - u - HALF_STEP)) : u;
          values[i] = (float) (temperature * drawn);
        }
        z.copyFrom(values);
      }
      return z;
    } catch (RuntimeException | Error e) {
      z.close();
      throw e;
    }
  }

  // --- Rows in parts, and checks --------------------------------------------------------------

  /** Rows that go through the transform together outside of training. */
  protected int rowsAtATime() {
    return Math.min(Math.max(ENTRIES / units, LEAST_ROWS), MOST_ROWS);
  }

  private interface Part {
    void of(int first, Var rows, Var context);
  }

  private interface Result {
    float[] of(int first, Var rows, Var context);
  }

  /** Each part of the rows on a tape of its own, with random numbers of its own. */
  private void each(String name, Tensor x, Tensor given, Part part) {
    requireRows(name, x);
    requireContext(x.rows(), given);
    RowParts.each(
        x,
        rowsAtATime(),
        (first, some) -> {
          try (Tape tape = Tape.inference(device, 0, first)) {
            part.of(first, input(tape, some), rowsOf(tape, given, first, some.rows()));
          }
        });
  }

  private Var rowsOf(Tape tape, Tensor given, long first, long rows) {
    if (given == null) {
      return null;
    }
    return given.rows() == 1
        ? tape.constant(tape.own(given.rowsAt(new long[Math.toIntExact(rows)])))
        : tape.constant(given.narrow(0, first, rows));
  }

  /** What a function gives for the rows of each part, [n, D]. */
  private Tensor map(String name, Tensor x, Tensor given, Result f) {
    float[] all = new float[Math.multiplyExact(Math.toIntExact(x.rows()), units)];
    each(
        name,
        x,
        given,
        (first, rows, context) -> {
          float[] part = f.of(first, rows, context);
          System.arraycopy(part, 0, all, first * units, part.length);
        });
    return Tensor.of(device, all, x.rows(), units);
  }

  private void requireRows(String name, Tensor x) {
    if (x.shape().length != 2 || x.units() != units || x.dtype() == DType.FLOAT64) {
      throw new IllegalArgumentException(
          "expected %s float or bits [n, %d], got %s".formatted(name, units, x.describe()));
    }
  }

  private void requireContext(long rows, Tensor given) {
    if (context == 0 && given != null) {
      throw new IllegalArgumentException(
          "expected no context for a model without one, got " + given.describe());
    }
    if (context > 0
        && (given == null
            || given.dtype() != DType.FLOAT32
            || given.shape().length != 2
            || given.units() != context
            || given.rows() != rows && given.rows() != 1)) {
      throw new IllegalArgumentException(
          "expected a context [%d, %d] or [1, %d], got %s"
              .formatted(rows, context, context, given == null ? "none" : given.describe()));
    }
  }
}
