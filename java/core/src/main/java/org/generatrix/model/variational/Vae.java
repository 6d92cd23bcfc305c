// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.variational;

import static org.generatrix.autograd.Functions.bernoulliLogLikelihood;
import static org.generatrix.autograd.Functions.gaussianKl;
import static org.generatrix.autograd.Functions.logSumExp;
import static org.generatrix.autograd.Functions.normal;
import static org.generatrix.autograd.Functions.repeatRows;
import static org.generatrix.autograd.Functions.sigmoid;
import static org.generatrix.autograd.Functions.standardNormalLogDensity;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.eval.LogMeanExp;
import org.generatrix.model.BoundedDensity;
import org.generatrix.model.Encoder;
import org.generatrix.model.LayerSizes;
import org.generatrix.model.LogOdds;
import org.generatrix.model.ModelFile;
import org.generatrix.model.RowParts;
import org.generatrix.model.Sampler;
import org.generatrix.model.variational.VaeConfig.Decoder;
import org.generatrix.nn.Linear;
import org.generatrix.nn.Mlp;
import org.generatrix.nn.Module;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * The variational autoencoder with one or several stochastic layers, and its importance-weighted
 * bound.
 *
 * <pre>
 * p(x, z) = p(x | z_1) p(z_1 | z_2) .. p(z_L)       p(z_L) = N(0, I)
 * q(z | x) = q(z_1 | x) q(z_2 | z_1) .. q(z_L | .)   diagonal Gaussians, as p(z_l | z_l+1)
 * w = p(x, z) / q(z | x)
 * L_K = E log 1/K sum_k w_k  &lt;=  log p(x)           L_1 is the evidence lower bound
 * </pre>
 *
 * <p>Kingma and Welling, "Auto-encoding variational Bayes", 2014; Rezende, Mohamed, Wierstra, 2014;
 * Burda, Grosse, Salakhutdinov, "Importance weighted autoencoders", 2016. Several threads may score
 * and sample one model while nobody trains it.
 *
 * <pre>{@code
 * VaeConfig config = new VaeConfig(784, "200-200", "50", Decoder.BERNOULLI, Nonlinearity.TANH);
 * try (Vae vae = Vae.create(device, config, digits.mean(), 1);
 *     VaeTraining training = new VaeTraining(vae, data, VaeTrainingConfig.elbo(20))) {
 *   new Trainer(training).fit();
 *   double[] nats = vae.logLikelihood(test, 100, 1);
 * }
 * }</pre>
 */
public final class Vae extends Module implements Sampler, Encoder, BoundedDensity {
  /** The kind of a model file that holds one. */
  public static final String KIND = "vae";

  private static final int ROWS = 2000; // scored at a time: what the caches like
  private static final int SAMPLES = 100; // of one row, scored at a time

  private final Device device;
  private final VaeConfig config;
  private final List<GaussianLayer> q = new ArrayList<>(); // q(z_1 | x), q(z_2 | z_1), ..
  private final List<GaussianLayer> p = new ArrayList<>(); // p(z_1 | z_2), ..
  private final GaussianLayer gaussian; // p(x | z_1), or null
  private final Mlp hidden; // of p(x | z_1) if that is Bernoulli, or null
  private final Linear logits;

  private Vae(Device device, VaeConfig config) {
    this.device = device;
    this.config = config;
    long[] latents = config.latentSizes();
    for (int l = 0; l < latents.length; l++) {
      long below = l == 0 ? config.visible() : latents[l - 1];
      long[] up = config.hiddenSizes(l);
      q.add(child("encoder" + (l + 1), layer(below, up, latents[l])));
      if (l > 0) {
        p.add(child("prior" + l, layer(latents[l], LayerSizes.reversed(up), below)));
      }
    }
    long[] down = LayerSizes.reversed(config.hiddenSizes(0));
    if (config.decoder() == Decoder.GAUSSIAN) {
      gaussian = child("decoder", layer(latents[0], down, config.visible()));
      hidden = null;
      logits = null;
    } else {
      gaussian = null;
      hidden = child("decoder", new Mlp(device, latents[0], config.activation(), down));
      logits = child("logits", new Linear(device, hidden.outputs(), config.visible()));
    }
  }

  private GaussianLayer layer(long in, long[] sizes, long out) {
    return new GaussianLayer(device, in, sizes, out, config.activation());
  }

  /** A model to train. */
  public static Vae create(Device device, VaeConfig config, long seed) {
    Vae vae = new Vae(device, config);
    vae.initialise(seed);
    return vae;
  }

  /**
   * A model to train, whose output begins at the means of the data.
   *
   * @param mean of each visible unit, [visible]: in [0, 1] for BERNOULLI
   */
  public static Vae create(Device device, VaeConfig config, float[] mean, long seed) {
    boolean bernoulli = config.decoder() == Decoder.BERNOULLI;
    float[] bias = bernoulli ? LogOdds.of(mean, Math.toIntExact(config.visible())) : mean;
    Vae vae = create(device, config, seed);
    (bernoulli ? vae.logits : vae.gaussian.mean()).bias().copyFrom(bias);
    return vae;
  }

  public static Vae load(Path path, Device device) throws IOException {
    try (ModelFile file = ModelFile.read(path, KIND)) {
      Vae vae = new Vae(device, file.config(VaeConfig.class));
      vae.read(file);
      return vae;
    }
  }

  public void save(Path path) throws IOException {
    ModelFile.Writer file = ModelFile.writer(KIND, config);
    write(file);
    file.save(path);
  }

  public VaeConfig config() {
    return config;
  }

  public Device device() {
    return device;
  }

  // --- The model, on a tape -------------------------------------------------------------------

  /** Rows of data, float or bits [n, visible], as this model takes them. */
  public Var input(Tape tape, Tensor x) {
    if (x.shape().length != 2 || x.units() != config.visible()) {
      throw new IllegalArgumentException(
          "expected rows of %d units, got %s".formatted(config.visible(), x));
    }
    return tape.constant(x.dtype() == DType.FLOAT32 ? x : tape.own(x.toFloats()));
  }

  /**
   * The parts of log w for each row: log p(x | z_1), and log q(z | x) - log p(z), whose mean is
   * KL(q || p).
   */
  public record Terms(Var reconstruction, Var divergence) {
    /** log w, or for one sample the evidence lower bound. */
    public Var total() {
      return reconstruction.sub(divergence);
    }
  }

  /** The terms of K samples z ~ q(z | x) for each x [n, visible], [n K]: K rows for each x. */
  private Terms weights(Var x, int k) {
    List<Var> z = new ArrayList<>();
    GaussianLayer.Gaussian q1 = q.get(0).given(x).repeat(k);
    z.add(q1.sample());
    Var divergence = q1.logDensity(z.get(0));
    for (int l = 1; l < q.size(); l++) {
      GaussianLayer.Gaussian above = q.get(l).given(z.get(l - 1)); // q(z_l+1 | z_l)
      z.add(above.sample());
      divergence = divergence.add(above.logDensity(z.get(l)));
      divergence = divergence.sub(p.get(l - 1).given(z.get(l)).logDensity(z.get(l - 1)));
    }
    divergence = divergence.sub(standardNormalLogDensity(z.get(z.size() - 1)));
    return new Terms(logLikelihood(k == 1 ? x : repeatRows(x, k), z.get(0)), divergence);
  }

  /** log p(x | z_1), [n]. */
  private Var logLikelihood(Var x, Var z) {
    return logits == null
        ? gaussian.given(z).logDensity(x)
        : bernoulliLogLikelihood(logits.apply(hidden.apply(z)), x);
  }

  /** log w of K samples for each x [n, visible]: [n, K]. */
  public Var logWeights(Var x, int k) {
    return weights(x, k).total().reshape(x.shape()[0], k);
  }

  /** L_K of each x [n, visible], from K samples: [n]. */
  public Var importanceWeightedBound(Var x, int k) {
    return logSumExp(logWeights(x, k), 1).add(-Math.log(k));
  }

  /**
   * The terms of L_1 of each x [n, visible], from one sample: [n]. With one stochastic layer the
   * divergence is in closed form, which varies less.
   */
  public Terms evidenceLowerBound(Var x) {
    if (q.size() > 1) {
      return weights(x, 1);
    }
    GaussianLayer.Gaussian q1 = q.get(0).given(x);
    return new Terms(logLikelihood(x, q1.sample()), gaussianKl(q1.mean(), q1.logVariance()));
  }

  /** E x given z_1: probabilities if Bernoulli. */
  private Var mean(Var z) {
    return logits == null ? gaussian.given(z).mean() : sigmoid(logits.apply(hidden.apply(z)));
  }

  // --- Scores ---------------------------------------------------------------------------------

  /** L_1 of each row and its parts, in nats: elbo = reconstruction - kl. */
  public record Bound(double[] elbo, double[] reconstruction, double[] kl) {}

  /** L_1 of each row of x, float or bits [n, visible], from one sample each. */
  public Bound bound(Tensor x, long seed) {
    double[][] terms = new double[2][Math.toIntExact(x.rows())];
    inParts(
        x,
        ROWS,
        seed,
        0,
        (first, v) -> {
          Terms of = evidenceLowerBound(v);
          put(of.reconstruction(), terms[0], first);
          put(of.divergence(), terms[1], first);
        });
    double[] elbo = new double[terms[0].length];
    Arrays.setAll(elbo, i -> terms[0][i] - terms[1][i]);
    return new Bound(elbo, terms[0], terms[1]);
  }

  /**
   * L_K of each row of x, float or bits [n, visible], in nats; with K = 1 that of {@link #bound}.
   */
  public double[] elbo(Tensor x, int k, long seed) {
    return k == 1 ? bound(x, seed).elbo() : logLikelihood(x, k, seed);
  }

  /** By importance sampling from q(z | x): log 1/K sum_k w_k, summed in double. */
  @Override
  public double[] logLikelihood(Tensor x, int samples, long seed) {
    if (samples < 1) {
      throw new IllegalArgumentException("samples must be at least 1, got " + samples);
    }
    LogMeanExp[] means = new LogMeanExp[Math.toIntExact(x.rows())];
    Arrays.setAll(means, i -> new LogMeanExp());
    for (int done = 0; done < samples; done += SAMPLES) {
      int k = Math.min(SAMPLES, samples - done);
      inParts(
          x,
          Math.max(1, ROWS / k),
          seed,
          done,
          (first, v) -> {
            double[] logWeights = logWeights(v, k).value().toDoubleArray();
            for (int i = 0; i < logWeights.length; i++) {
              means[first + i / k].add(logWeights[i]);
            }
          });
    }
    return Arrays.stream(means).mapToDouble(LogMeanExp::value).toArray();
  }

  private interface Part {
    void of(int firstRow, Var x);
  }

  /** Each part of the rows on a tape of its own, with random numbers of its own. */
  private void inParts(Tensor x, int rows, long seed, long draw, Part part) {
    RowParts.each(
        x,
        rows,
        (first, some) -> {
          try (Tape tape = Tape.inference(device, seed, draw * x.rows() + first)) {
            part.of(first, input(tape, some));
          }
        });
  }

  private static void put(Var values, double[] to, int first) {
    double[] from = values.value().toDoubleArray();
    System.arraycopy(from, 0, to, first, from.length);
  }

  // --- Samples and codes ----------------------------------------------------------------------

  /** Means of the data given latent units drawn from the prior: probabilities if Bernoulli. */
  @Override
  public Tensor sample(int n, long seed) {
    if (n < 1) {
      throw new IllegalArgumentException("n must be at least 1, got " + n);
    }
    try (Tape tape = Tape.inference(device, seed, 0)) {
      Var z = normal(tape, n, latents());
      for (int l = p.size() - 1; l >= 0; l--) {
        z = p.get(l).given(z).sample();
      }
      return tape.take(mean(z));
    }
  }

  /** Units of the last stochastic layer, which is the code. */
  public long latents() {
    long[] sizes = config.latentSizes();
    return sizes[sizes.length - 1];
  }

  /** Posterior means of the code [n, latents], the layers below it at theirs. */
  @Override
  public Tensor encode(Tensor x) {
    return RowParts.map(
        x,
        ROWS,
        latents(),
        some -> {
          try (Tape tape = Tape.inference(device)) {
            Var z = input(tape, some);
            for (GaussianLayer layer : q) {
              z = layer.given(z).mean();
            }
            return tape.take(z);
          }
        });
  }

  /** Means of the data [n, visible] given codes [n, latents], the layers between at theirs. */
  public Tensor decode(Tensor z) {
    if (z.shape().length != 2 || z.units() != latents()) {
      throw new IllegalArgumentException(
          "expected codes of %d units, got %s".formatted(latents(), z));
    }
    return RowParts.map(
        z,
        ROWS,
        config.visible(),
        some -> {
          try (Tape tape = Tape.inference(device)) {
            Var below = tape.constant(some);
            for (int l = p.size() - 1; l >= 0; l--) {
              below = p.get(l).given(below).mean();
            }
            return tape.take(mean(below));
          }
        });
  }
}
