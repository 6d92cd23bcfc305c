// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.binding;

import java.nio.ByteBuffer;
import org.generatrix.binding.abi.Abi;
import org.generatrix.binding.abi.gx_gaussian_mixture_backward_params;
import org.generatrix.binding.abi.gx_logistic_mixture;
import org.generatrix.binding.abi.gx_mmd_params;

/**
 * loss.h: log-likelihoods, out [rows] in nats, and distances of samples, with their gradients. A
 * gradient may be null: not wanted.
 */
public final class Loss {
  private Loss() {}

  /** out[r] = sum_i x l - softplus(l). */
  public static void bernoulliLogLikelihood(
      Device device, long rows, long units, View logits, View x, View out) {
    long n = Sizes.bytes(1, rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_bernoulli_log_likelihood(
              frame.device(),
              frame.format(logits),
              rows,
              units,
              frame.array("logits", logits, n),
              frame.array("x", x, n),
              frame.array("out", out, rows)));
    } finally {
      frame.exit();
    }
  }

  public static void bernoulliLogLikelihoodBackward(
      Device device, long rows, long units, View logits, View x, View dy, View dlogits, View dx) {
    long n = Sizes.bytes(1, rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_bernoulli_log_likelihood_backward(
              frame.device(),
              frame.format(logits),
              rows,
              units,
              frame.array("logits", logits, n),
              frame.array("x", x, n),
              frame.array("dy", dy, rows),
              frame.optional("dlogits", dlogits, n),
              frame.optional("dx", dx, n)));
    } finally {
      frame.exit();
    }
  }

  /** {@link #bernoulliLogLikelihood} with x as packed bits, whose shape it is. */
  public static void bernoulliLogLikelihood(Device device, View logits, States x, View out) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_bernoulli_log_likelihood_bits(
              frame.device(),
              frame.format(logits),
              frame.array("logits", logits, Sizes.bytes(1, x.rows(), x.units())),
              frame.states("x", x),
              frame.array("out", out, x.rows())));
    } finally {
      frame.exit();
    }
  }

  public static void bernoulliLogLikelihoodBackward(
      Device device, View logits, States x, View dy, View dlogits) {
    long n = Sizes.bytes(1, x.rows(), x.units());
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_bernoulli_log_likelihood_bits_backward(
              frame.device(),
              frame.format(logits),
              frame.array("logits", logits, n),
              frame.states("x", x),
              frame.array("dy", dy, x.rows()),
              frame.array("dlogits", dlogits, n)));
    } finally {
      frame.exit();
    }
  }

  /** out[r] = sum_k t_k (l_k - LSE(l)); t from labels [rows] or from probabilities. */
  public static void categoricalLogLikelihood(
      Device device,
      long rows,
      long classes,
      View logits,
      long[] labels,
      View probabilities,
      View out) {
    long n = Sizes.bytes(1, rows, classes);
    check(labels, rows);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_categorical_log_likelihood(
              frame.device(),
              frame.format(logits),
              rows,
              classes,
              frame.array("logits", logits, n),
              labels,
              frame.optional("probabilities", probabilities, n),
              frame.array("out", out, rows)));
    } finally {
      frame.exit();
    }
  }

  public static void categoricalLogLikelihoodBackward(
      Device device,
      long rows,
      long classes,
      View logits,
      long[] labels,
      View probabilities,
      View dy,
      View dlogits,
      View dprobabilities) {
    long n = Sizes.bytes(1, rows, classes);
    check(labels, rows);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_categorical_log_likelihood_backward(
              frame.device(),
              frame.format(logits),
              rows,
              classes,
              frame.array("logits", logits, n),
              labels,
              frame.optional("probabilities", probabilities, n),
              frame.array("dy", dy, rows),
              frame.optional("dlogits", dlogits, n),
              frame.optional("dprobabilities", dprobabilities, n)));
    } finally {
      frame.exit();
    }
  }

  private static void check(long[] labels, long rows) {
    if (labels != null && labels.length != rows) {
      throw new IllegalArgumentException(
          "expected " + rows + " labels, one per row, got " + labels.length);
    }
  }

  /** out[r] = log N(x; mean, e^logvar). */
  public static void gaussianLogDensity(
      Device device,
      long rows,
      long units,
      Extent meanExtent,
      Extent logvarExtent,
      View x,
      View mean,
      View logvar,
      View out) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_gaussian_log_density(
              frame.device(),
              frame.format(x),
              rows,
              units,
              meanExtent.ordinal(),
              logvarExtent.ordinal(),
              frame.array("x", x, Sizes.bytes(1, rows, units)),
              frame.array("mean", mean, meanExtent.size(rows, units)),
              frame.array("logvar", logvar, logvarExtent.size(rows, units)),
              frame.array("out", out, rows)));
    } finally {
      frame.exit();
    }
  }

  public static void gaussianLogDensityBackward(
      Device device,
      long rows,
      long units,
      Extent meanExtent,
      Extent logvarExtent,
      View x,
      View mean,
      View logvar,
      View dy,
      View dx,
      View dmean,
      View dlogvar) {
    long n = Sizes.bytes(1, rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_gaussian_log_density_backward(
              frame.device(),
              frame.format(x),
              rows,
              units,
              meanExtent.ordinal(),
              logvarExtent.ordinal(),
              frame.array("x", x, n),
              frame.array("mean", mean, meanExtent.size(rows, units)),
              frame.array("logvar", logvar, logvarExtent.size(rows, units)),
              frame.array("dy", dy, rows),
              frame.optional("dx", dx, n),
              frame.optional("dmean", dmean, meanExtent.size(rows, units)),
              frame.optional("dlogvar", dlogvar, logvarExtent.size(rows, units))));
    } finally {
      frame.exit();
    }
  }

  /** out[r] = KL(N(mean, e^logvar) || p); both operands of p null: N(0, I). */
  public static void gaussianKl(
      Device device,
      long rows,
      long units,
      View mean,
      View logvar,
      View pMean,
      View pLogvar,
      View out) {
    long n = Sizes.bytes(1, rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_gaussian_kl(
              frame.device(),
              frame.format(mean),
              rows,
              units,
              frame.array("mean", mean, n),
              frame.array("logvar", logvar, n),
              frame.optional("pMean", pMean, n),
              frame.optional("pLogvar", pLogvar, n),
              frame.array("out", out, rows)));
    } finally {
      frame.exit();
    }
  }

  public static void gaussianKlBackward(
      Device device,
      long rows,
      long units,
      View mean,
      View logvar,
      View pMean,
      View pLogvar,
      View dy,
      View dmean,
      View dlogvar,
      View dpMean,
      View dpLogvar) {
    long n = Sizes.bytes(1, rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_gaussian_kl_backward(
              frame.device(),
              frame.format(mean),
              rows,
              units,
              frame.array("mean", mean, n),
              frame.array("logvar", logvar, n),
              frame.optional("pMean", pMean, n),
              frame.optional("pLogvar", pLogvar, n),
              frame.array("dy", dy, rows),
              frame.optional("dmean", dmean, n),
              frame.optional("dlogvar", dlogvar, n),
              frame.optional("dpMean", dpMean, n),
              frame.optional("dpLogvar", dpLogvar, n)));
    } finally {
      frame.exit();
    }
  }

  /**
   * out[r] = sum_i log sum_k pi_ki N(x_i; mean_ki, e^(2 logSigma_ki)); parameters [rows][K][units].
   */
  public static void gaussianMixtureLogDensity(
      Device device,
      long rows,
      long units,
      long components,
      View x,
      View logits,
      View mean,
      View logSigma,
      View out) {
    long n = Sizes.bytes(components, rows, units);
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_gaussian_mixture_log_density(
              frame.device(),
              frame.format(x),
              rows,
              units,
              components,
              frame.array("x", x, Sizes.bytes(1, rows, units)),
              frame.array("logits", logits, n),
              frame.array("mean", mean, n),
              frame.array("logSigma", logSigma, n),
              frame.array("out", out, rows)));
    } finally {
      frame.exit();
    }
  }

  /** pseudoGradient: the mean's gradient times sigma, as in RNADE. */
  public static void gaussianMixtureLogDensityBackward(
      Device device,
      long rows,
      long units,
      long components,
      boolean pseudoGradient,
      View x,
      View logits,
      View mean,
      View logSigma,
      View dy,
      View dx,
      View dlogits,
      View dmean,
      View dlogSigma) {
    long n = Sizes.bytes(1, rows, units);
    long size = Sizes.bytes(components, rows, units);
    MixtureStruct p = MixtureStruct.OF_THREAD.get();
    CallFrame frame = CallFrame.enter(device);
    try {
      int format = frame.format(x);
      p.fields.putLong(MixtureStruct.ROWS, rows);
      p.fields.putLong(MixtureStruct.UNITS, units);
      p.fields.putLong(MixtureStruct.COMPONENTS, components);
      p.fields.putInt(MixtureStruct.PSEUDO_GRADIENT, pseudoGradient ? 1 : 0);
      p.fields.putLong(MixtureStruct.X, frame.arrayAddress("x", x, n));
      p.fields.putLong(MixtureStruct.LOGITS, frame.arrayAddress("logits", logits, size));
      p.fields.putLong(MixtureStruct.MEAN, frame.arrayAddress("mean", mean, size));
      p.fields.putLong(MixtureStruct.LOG_SIGMA, frame.arrayAddress("logSigma", logSigma, size));
      p.fields.putLong(MixtureStruct.DY, frame.arrayAddress("dy", dy, rows));
      p.fields.putLong(MixtureStruct.DX, frame.optionalAddress("dx", dx, n));
      p.fields.putLong(MixtureStruct.DLOGITS, frame.optionalAddress("dlogits", dlogits, size));
      p.fields.putLong(MixtureStruct.DMEAN, frame.optionalAddress("dmean", dmean, size));
      p.fields.putLong(
          MixtureStruct.DLOG_SIGMA, frame.optionalAddress("dlogSigma", dlogSigma, size));
      frame.check(Abi.gx_gaussian_mixture_log_density_backward(frame.device(), format, p.pointer));
    } finally {
      frame.exit();
    }
  }

  /**
   * out[r], the log-likelihood of x [rows][channels][pixels]; parameters as loss.h lays them out.
   */
  public static void discretisedLogisticMixture(
      Device device, LogisticMixture mixture, View x, View parameters, View out) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_discretised_logistic_mixture(
              frame.device(),
              frame.format(x),
              LogisticStruct.of(mixture),
              frame.array("x", x, mixture.inputs()),
              frame.array("parameters", parameters, mixture.parameters()),
              frame.array("out", out, mixture.rows())));
    } finally {
      frame.exit();
    }
  }

  public static void discretisedLogisticMixtureBackward(
      Device device, LogisticMixture mixture, View x, View parameters, View dy, View dparameters) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_discretised_logistic_mixture_backward(
              frame.device(),
              frame.format(x),
              LogisticStruct.of(mixture),
              frame.array("x", x, mixture.inputs()),
              frame.array("parameters", parameters, mixture.parameters()),
              frame.array("dy", dy, mixture.rows()),
              frame.array("dparameters", dparameters, mixture.parameters())));
    } finally {
      frame.exit();
    }
  }

  /** out[r] = log (1/n) sum_j N(x_r; s_j, sigma^2 I). */
  public static void parzenLogLikelihood(
      Device device, double sigma, long rows, long n, long units, View x, View samples, View out) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_parzen_log_likelihood(
              frame.device(),
              frame.format(x),
              sigma,
              rows,
              n,
              units,
              frame.array("x", x, Sizes.bytes(1, rows, units)),
              frame.array("samples", samples, Sizes.bytes(1, n, units)),
              frame.array("out", out, rows)));
    } finally {
      frame.exit();
    }
  }

  /** out[0] = MMD^2 of x [rows][units] and y [n][units] under a sum of RBF kernels. */
  public static void mmd(
      Device device,
      double[] bandwidths,
      boolean unbiased,
      long rows,
      long n,
      long units,
      View x,
      View y,
      View out) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_mmd(
              frame.device(),
              frame.format(x),
              MmdStruct.of(frame, bandwidths, unbiased, rows, n, units),
              frame.array("x", x, Sizes.bytes(1, rows, units)),
              frame.array("y", y, Sizes.bytes(1, n, units)),
              frame.array("out", out, 1)));
    } finally {
      frame.exit();
    }
  }

  public static void mmdBackward(
      Device device,
      double[] bandwidths,
      boolean unbiased,
      long rows,
      long n,
      long units,
      View x,
      View y,
      View dout,
      View dx,
      View dy) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_mmd_backward(
              frame.device(),
              frame.format(x),
              MmdStruct.of(frame, bandwidths, unbiased, rows, n, units),
              frame.array("x", x, Sizes.bytes(1, rows, units)),
              frame.array("y", y, Sizes.bytes(1, n, units)),
              frame.array("dout", dout, 1),
              frame.optional("dx", dx, Sizes.bytes(1, rows, units)),
              frame.optional("dy", dy, Sizes.bytes(1, n, units))));
    } finally {
      frame.exit();
    }
  }

  /** out[0] = W1 of the numbers x [rows] and y [n]. */
  public static void wasserstein1(Device device, long rows, long n, View x, View y, View out) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_wasserstein1(
              frame.device(),
              frame.format(x),
              rows,
              n,
              frame.array("x", x, rows),
              frame.array("y", y, n),
              frame.array("out", out, 1)));
    } finally {
      frame.exit();
    }
  }

  public static void wasserstein1Backward(
      Device device, long rows, long n, View x, View y, View dout, View dx, View dy) {
    CallFrame frame = CallFrame.enter(device);
    try {
      frame.check(
          Abi.gx_wasserstein1_backward(
              frame.device(),
              frame.format(x),
              rows,
              n,
              frame.array("x", x, rows),
              frame.array("y", y, n),
              frame.array("dout", dout, 1),
              frame.optional("dx", dx, rows),
              frame.optional("dy", dy, n)));
    } finally {
      frame.exit();
    }
  }

  private static final class MixtureStruct extends Struct<gx_gaussian_mixture_backward_params> {
    static final ThreadLocal<MixtureStruct> OF_THREAD = ThreadLocal.withInitial(MixtureStruct::new);
    static final int ROWS = offset("rows");
    static final int UNITS = offset("units");
    static final int COMPONENTS = offset("components");
    static final int PSEUDO_GRADIENT = offset("pseudo_gradient");
    static final int X = offset("x");
    static final int LOGITS = offset("logits");
    static final int MEAN = offset("mean");
    static final int LOG_SIGMA = offset("log_sigma");
    static final int DY = offset("dy");
    static final int DX = offset("dx");
    static final int DLOGITS = offset("dlogits");
    static final int DMEAN = offset("dmean");
    static final int DLOG_SIGMA = offset("dlog_sigma");

    MixtureStruct() {
      super(gx_gaussian_mixture_backward_params.class, gx_gaussian_mixture_backward_params::new);
    }

    private static int offset(String field) {
      return at(gx_gaussian_mixture_backward_params.class, field);
    }
  }

  private static final class LogisticStruct extends Struct<gx_logistic_mixture> {
    static final ThreadLocal<LogisticStruct> OF_THREAD =
        ThreadLocal.withInitial(LogisticStruct::new);
    static final int ROWS = at(gx_logistic_mixture.class, "rows");
    static final int CHANNELS = at(gx_logistic_mixture.class, "channels");
    static final int PIXELS = at(gx_logistic_mixture.class, "pixels");
    static final int COMPONENTS = at(gx_logistic_mixture.class, "components");
    static final int LEVELS = at(gx_logistic_mixture.class, "levels");
    static final int MIN_LOG_SCALE = at(gx_logistic_mixture.class, "min_log_scale");

    LogisticStruct() {
      super(gx_logistic_mixture.class, gx_logistic_mixture::new);
    }

    static gx_logistic_mixture of(LogisticMixture m) {
      LogisticStruct p = OF_THREAD.get();
      p.fields.putLong(ROWS, m.rows());
      p.fields.putLong(CHANNELS, m.channels());
      p.fields.putLong(PIXELS, m.pixels());
      p.fields.putLong(COMPONENTS, m.components());
      p.fields.putLong(LEVELS, m.levels());
      p.fields.putDouble(MIN_LOG_SCALE, m.minLogScale());
      return p.pointer;
    }
  }

  private static final class MmdStruct extends Struct<gx_mmd_params> {
    static final ThreadLocal<MmdStruct> OF_THREAD = ThreadLocal.withInitial(MmdStruct::new);
    static final int ROWS = at(gx_mmd_params.class, "rows");
    static final int N = at(gx_mmd_params.class, "n");
    static final int UNITS = at(gx_mmd_params.class, "units");
    static final int BANDWIDTH_COUNT = at(gx_mmd_params.class, "bandwidth_count");
    static final int BANDWIDTHS = at(gx_mmd_params.class, "bandwidths");
    static final int UNBIASED = at(gx_mmd_params.class, "unbiased");

    MmdStruct() {
      super(gx_mmd_params.class, gx_mmd_params::new);
    }

    static gx_mmd_params of(
        CallFrame frame, double[] bandwidths, boolean unbiased, long rows, long n, long units) {
      ByteBuffer scratch = frame.scratch((long) bandwidths.length * Double.BYTES);
      scratch.asDoubleBuffer().put(bandwidths);
      MmdStruct p = OF_THREAD.get();
      p.fields.putLong(ROWS, rows);
      p.fields.putLong(N, n);
      p.fields.putLong(UNITS, units);
      p.fields.putLong(BANDWIDTH_COUNT, bandwidths.length);
      p.fields.putLong(BANDWIDTHS, frame.scratchAddress());
      p.fields.putInt(UNBIASED, unbiased ? 1 : 0);
      return p.pointer;
    }
  }
}
