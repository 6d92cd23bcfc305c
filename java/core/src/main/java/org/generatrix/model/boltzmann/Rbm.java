// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.generatrix.binding.Device;
import org.generatrix.binding.DeviceBuffer;
import org.generatrix.binding.Gibbs;
import org.generatrix.binding.Layer;
import org.generatrix.binding.RandomOps;
import org.generatrix.binding.RbmParameters;
import org.generatrix.binding.Rng;
import org.generatrix.model.ConditionalSampler;
import org.generatrix.model.Encoder;
import org.generatrix.model.EnergyModel;
import org.generatrix.model.LogOdds;
import org.generatrix.model.ModelFile;
import org.generatrix.model.Sampler;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/**
 * The restricted Boltzmann machine with binary units.
 *
 * <pre>
 *   E(v, h) = -b'.v - c'.h - v' W h        p(v, h) = exp(-E(v, h)) / Z
 *   b' = b - W lambda,  c' = c - W' mu     the centered form; mu = lambda = 0 without centering
 *   p(h_j = 1 | v) = sigmoid(c'_j + (v W)_j)
 *   p(v_i = 1 | h) = sigmoid(b'_i + (W h)_i)
 *   F(v) = -b'.v - sum_j softplus(c'_j + (v W)_j) = -log sum_h exp(-E(v, h))
 * </pre>
 *
 * Smolensky, "Information processing in dynamical systems", 1986: the machine. Hinton, "Training
 * products of experts by minimizing contrastive divergence", Neural Computation 2002: {@link
 * RbmTrainer}. Tieleman, "Training restricted Boltzmann machines using approximations to the
 * likelihood gradient", ICML 2008: the persistent chains. Melchior, Fischer, Wiskott, "How to
 * center deep Boltzmann machines", JMLR 2016: mu and lambda. Salakhutdinov and Murray, "On the
 * quantitative analysis of deep belief networks", ICML 2008: {@link org.generatrix.eval.Ais}.
 *
 * <p>Scoring and sampling only read the parameters, so several threads may use one machine at a
 * time, as long as none trains or closes it. Every state argument is a tensor of floats or bits
 * with one state a row; results belong to the caller.
 *
 * <pre>{@code
 * try (Device device = Device.cpu();
 *     Rbm rbm = Rbm.create(device, RbmConfig.centered(4, 3), null, 1);
 *     Tensor v = Tensor.of(device, new float[] {1, 0, 1, 0, 0, 1, 0, 1}, 2, 4);
 *     Tensor features = rbm.encode(v);
 *     Tensor samples = rbm.sample(10, 100, 7)) {
 *   double logLikelihood = -rbm.freeEnergy(v)[0] - rbm.logPartition();
 * }
 * }</pre>
 */
public final class Rbm implements Sampler, ConditionalSampler, EnergyModel, Encoder, AutoCloseable {

  /** What {@link ModelFile} calls this model. */
  public static final String KIND = "rbm";

  /** Gibbs steps of {@link #sample(int, long)} and {@link #inpaint(Tensor, Tensor, long)}. */
  public static final int DEFAULT_STEPS = 1000;

  private final Device device;
  private final RbmConfig config;
  private final Map<String, String> provenance;
  private final Scope scope = new Scope();
  private final Tensor W; // [visible, hidden]
  private final Tensor b; // [visible]
  private final Tensor c; // [hidden]
  private final Tensor mu; // [visible], null when not centered
  private final Tensor lambda; // [hidden], null when not centered
  private final RbmParameters parameters;

  /** A machine whose parameters are all zero, to be filled. */
  Rbm(Device device, RbmConfig config, Map<String, String> provenance) {
    this.device = Objects.requireNonNull(device, "device");
    this.config = Objects.requireNonNull(config, "config");
    this.provenance = new TreeMap<>(provenance);
    int D = config.visible();
    int H = config.hidden();
    try {
      W = scope.own(Tensor.zeros(device, D, H));
      b = scope.own(Tensor.zeros(device, D));
      c = scope.own(Tensor.zeros(device, H));
      mu = config.centered() ? scope.own(Tensor.zeros(device, D)) : null;
      lambda = config.centered() ? scope.own(Tensor.zeros(device, H)) : null;
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
    parameters =
        new RbmParameters(D, H, W.buffer(), b.buffer(), c.buffer(), bufferOf(mu), bufferOf(lambda));
  }

  /**
   * A new machine. W is drawn from N(0, initialStddev^2) and c is 0. With {@code meanVisible} (the
   * data's mean, [visible], each in [0, 1]) b starts at its log-odds, so that the machine starts
   * with the right marginals, and mu at the mean; without it b is 0 and mu is 1/2. lambda starts at
   * 1/2.
   */
  public static Rbm create(Device device, RbmConfig config, float[] meanVisible, long seed) {
    Rbm rbm = new Rbm(device, config, Map.of("seed", Long.toString(seed)));
    try {
      RandomOps.normal(
          device,
          new Rng(seed, 0),
          0f,
          (float) config.initialStddev(),
          config.visible(),
          config.hidden(),
          rbm.W.buffer());
      if (meanVisible != null) {
        rbm.b.copyFrom(LogOdds.of(meanVisible, config.visible()));
      }
      if (config.centered()) {
        rbm.mu.copyFrom(meanVisible != null ? meanVisible : halves(config.visible()));
        rbm.lambda.copyFrom(halves(config.hidden()));
      }
      return rbm;
    } catch (RuntimeException e) {
      rbm.close();
      throw e;
    }
  }

  // --- Parameters -----------------------------------------------------------------------------

  public Tensor W() {
    return W;
  }

  public Tensor b() {
    return b;
  }

  public Tensor c() {
    return c;
  }

  /** The visible offsets, or null when the machine is not centered. */
  public Tensor mu() {
    return mu;
  }

  /** The hidden offsets, or null when the machine is not centered. */
  public Tensor lambda() {
    return lambda;
  }

  /** All of them as the kernels take them. */
  public RbmParameters parameters() {
    return parameters;
  }

  public RbmConfig config() {
    return config;
  }

  public Device device() {
    return device;
  }

  /** Where the machine comes from: its seed, and after training the training configuration. */
  public Map<String, String> provenance() {
    return Map.copyOf(provenance);
  }

  void provenance(String key, String value) {
    provenance.put(key, value);
  }

  // --- Conditionals ---------------------------------------------------------------------------

  /** p(h = 1 | v), float [n, hidden]. */
  public Tensor hiddenProbabilities(Tensor v) {
    Tensor p = Tensor.zeros(device, visible(v).rows(), config.hidden());
    return layer(Layer.HIDDEN, v, GibbsSteps.NO_DRAWS, p);
  }

  /** p(v = 1 | h), float [n, visible]. */
  public Tensor visibleProbabilities(Tensor h) {
    Tensor p = Tensor.zeros(device, hidden(h).rows(), config.visible());
    return layer(Layer.VISIBLE, h, GibbsSteps.NO_DRAWS, p);
  }

  /** h ~ p(h | v), bits [n, hidden]. */
  public Tensor sampleHidden(Tensor v, Rng rng) {
    Tensor sample = Tensor.bits(device, visible(v).rows(), config.hidden());
    return layer(Layer.HIDDEN, v, rng, sample);
  }

  /** v ~ p(v | h), bits [n, visible]. */
  public Tensor sampleVisible(Tensor h, Rng rng) {
    Tensor sample = Tensor.bits(device, hidden(h).rows(), config.visible());
    return layer(Layer.VISIBLE, h, rng, sample);
  }

  /** The features p(h = 1 | v), float [n, hidden]. */
  @Override
  public Tensor encode(Tensor v) {
    return hiddenProbabilities(v);
  }

  /**
   * p(v = 1 | h = p(h = 1 | v)), float [n, visible]: each row once through the hidden layer and
   * back.
   */
  public Tensor reconstruct(Tensor v) {
    try (Tensor h = hiddenProbabilities(v)) { // [n, hidden]
      return visibleProbabilities(h);
    }
  }

  // --- Energies, in nats ----------------------------------------------------------------------

  /** E(v, h) of each row. */
  public double[] energy(Tensor v, Tensor h) {
    double[] energy = new double[Math.toIntExact(visible(v).rows())];
    Gibbs.energy(device, parameters, v.states(), hidden(h).states(), energy);
    return energy;
  }

  /** F(v) of each row. */
  @Override
  public double[] freeEnergy(Tensor v) {
    double[] freeEnergy = new double[Math.toIntExact(visible(v).rows())];
    Gibbs.freeEnergy(device, parameters, v.states(), 1f, null, freeEnergy);
    return freeEnergy;
  }

  /** log PL(v) = sum_i log p(v_i | the other units) of each row (Besag 1975), over all units. */
  public double[] logPseudoLikelihood(Tensor v) {
    double[] logPl = new double[Math.toIntExact(visible(v).rows())];
    Gibbs.logPseudoLikelihood(device, parameters, v.states(), logPl);
    return logPl;
  }

  /** log Z, exact, by enumeration; for machines with at most 25 units in the smaller layer. */
  public double logPartition() {
    return Gibbs.logPartition(device, parameters);
  }

  // --- Sampling -------------------------------------------------------------------------------

  /**
   * States of a chain's end, bits [n, visible], and their probabilities given h, float [n,
   * visible].
   */
  public record Samples(Tensor probabilities, Tensor states) implements AutoCloseable {
    @Override
    public void close() {
      probabilities.close();
      states.close();
    }
  }

  @Override
  public Tensor sample(int n, long seed) {
    return sample(n, DEFAULT_STEPS, seed);
  }

  /** Bits [n, visible] after that many Gibbs steps from independent noise. */
  public Tensor sample(int n, int steps, long seed) {
    Samples samples = samples(n, steps, seed);
    samples.probabilities().close();
    return samples.states();
  }

  /** As {@link #sample(int, int, long)}, with the probabilities of the last step for pictures. */
  public Samples samples(int n, int steps, long seed) {
    try (Tensor start =
        GibbsSteps.noise(this, Checks.positive("n", n), new Rng(seed, 0))) { // bits [n, visible]
      return samples(start, steps, seed);
    }
  }

  /**
   * Gibbs chains of that many steps from the given states, [n, visible], which are not modified.
   */
  public Samples samples(Tensor start, int steps, long seed) {
    Checks.positive("steps", steps);
    try (Scope results = new Scope()) {
      Tensor v =
          results.own(visible(start).dtype() == DType.BITS ? start.copy() : start.toBits(0.5f));
      Tensor p = results.own(Tensor.zeros(device, v.rows(), config.visible()));
      GibbsSteps.chain(device, parameters, steps, new Rng(seed, 1), v, null, p.buffer());
      return new Samples(results.release(p), results.release(v));
    }
  }

  @Override
  public Tensor inpaint(Tensor v, Tensor observed, long seed) {
    return inpaint(v, observed, DEFAULT_STEPS, seed);
  }

  /**
   * Gibbs chains of that many steps with the observed units held fixed, from noise elsewhere: float
   * [n, visible], the probabilities of the last step with the observed values kept.
   */
  public Tensor inpaint(Tensor v, Tensor observed, int steps, long seed) {
    Checks.positive("steps", steps);
    Checks.observed(observed, visible(v));
    try (Scope local = new Scope()) {
      Tensor mask = observed.dtype() == DType.BITS ? observed : local.own(observed.toBits(0.5f));
      Tensor state = local.own(v.copy()); // [n, visible]
      GibbsSteps.drawFromBiases(this, state, mask, new Rng(seed, 0));
      Tensor p = local.own(Tensor.zeros(device, v.rows(), config.visible()));
      GibbsSteps.chain(device, parameters, steps, new Rng(seed, 1), state, mask, p.buffer());
      return local.release(p);
    }
  }

  // Probabilities into a float output, samples into bits; closes it on failure.
  private Tensor layer(Layer layer, Tensor given, Rng rng, Tensor out) {
    try {
      boolean p = out.dtype() == DType.FLOAT32;
      GibbsSteps.layer(
          device,
          parameters,
          layer,
          given.states(),
          rng,
          p ? out.buffer() : null,
          p ? null : out.states());
      return out;
    } catch (RuntimeException e) {
      out.close();
      throw e;
    }
  }

  // --- Files ----------------------------------------------------------------------------------

  /** Writes the machine to a safetensors file, atomically. */
  public void save(Path path) throws IOException {
    RbmFile.write(this).save(path);
  }

  /** Reads a machine from what {@link #save} or a training checkpoint wrote. */
  public static Rbm load(Device device, Path path) throws IOException {
    try (ModelFile file = ModelFile.read(path, KIND)) {
      return RbmFile.read(device, file);
    }
  }

  @Override
  public void close() {
    scope.close();
  }

  @Override
  public String toString() {
    return "Rbm[%d visible, %d hidden%s]"
        .formatted(config.visible(), config.hidden(), config.centered() ? ", centered" : "");
  }

  // --- Checks ---------------------------------------------------------------------------------

  private Tensor visible(Tensor v) {
    return Checks.states("v", v, config.visible());
  }

  private Tensor hidden(Tensor h) {
    return Checks.states("h", h, config.hidden());
  }

  private static float[] halves(int n) {
    float[] halves = new float[n];
    Arrays.fill(halves, 0.5f);
    return halves;
  }

  private static DeviceBuffer bufferOf(Tensor tensor) {
    return tensor == null ? null : tensor.buffer();
  }
}
