// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.generatrix.binding.Device;
import org.generatrix.binding.Gibbs;
import org.generatrix.binding.RbmParameters;
import org.generatrix.binding.Rng;
import org.generatrix.binding.StateOps;
import org.generatrix.binding.States;
import org.generatrix.binding.UpdateParameters;
import org.generatrix.model.ConfigJson;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.Checkpoint;
import org.generatrix.train.MiniBatches;
import org.generatrix.train.Trainable;

/**
 * Stochastic ascent of an {@link Rbm}'s log-likelihood. Each update takes the gradient
 *
 * <pre>
 *   dW = &lt;(v - mu)(h - lambda)'&gt;_data - &lt;(v - mu)(h - lambda)'&gt;_model,   db = &lt;v&gt;_data - &lt;v&gt;_model,   dc likewise
 * </pre>
 *
 * with the model's average over short chains from the data (CD-k, Hinton 2002), over chains that
 * persist (PCD, Tieleman 2008), or over the coldest of several replicas of these that swap states
 * (Desjardins, Courville, Bengio, Vincent, Delalleau, "Tempered Markov chain Monte Carlo for
 * training of restricted Boltzmann machines", AISTATS 2010). Averages use p(h = 1 | v) for h.
 *
 * <p>An update is a handful of native calls on tensors that are allocated once; the data and the
 * machine stay the caller's.
 *
 * <pre>{@code
 * Images digits = Digits.train().slice(0, 500);
 * float[] mean = digits.mean();
 * RbmTrainingConfig config = RbmTrainingConfig.builder().epochs(3).build();
 * try (Device device = Device.cpu();
 *     Tensor data = Tensor.of(device, digits.intensities(), digits.count(), digits.size());
 *     Rbm rbm = Rbm.create(device, RbmConfig.centered(digits.size(), 64), mean, 1);
 *     RbmTrainer run = new RbmTrainer(rbm, data, config)) {
 *   new Trainer(run).checkpoint(folder.resolve("rbm.safetensors"), 1).fit();
 * }
 * }</pre>
 */
public final class RbmTrainer implements Trainable, AutoCloseable {
  private final Rbm rbm;
  private final RbmTrainingConfig config;
  private final Device device;
  private final RbmParameters parameters;
  private final MiniBatches batches;
  private final Scope scope = new Scope();
  private final ModelPhase phase;
  private final Tensor dW; // [visible, hidden]
  private final Tensor db; // [visible]
  private final Tensor dc; // [hidden]
  private final Tensor sW; // the velocities, shaped alike
  private final Tensor sb;
  private final Tensor sc;
  private final Tensor meanV; // [visible], the batch's mean
  private final Tensor meanH; // [hidden]
  private long rngStep = 1; // step 0 drew the parameters and the chains

  /**
   * A run at its beginning.
   *
   * @param data float (intensities in [0, 1]) or bits, [n, visible], on the machine's device
   */
  public RbmTrainer(Rbm rbm, Tensor data, RbmTrainingConfig config) {
    this.rbm = Objects.requireNonNull(rbm, "rbm");
    this.config = Objects.requireNonNull(config, "config");
    Checks.states("data", data, rbm.config().visible());
    int D = rbm.config().visible();
    int H = rbm.config().hidden();
    device = rbm.device();
    if (data.device() != device) {
      throw new IllegalArgumentException(
          "data must be on the machine's device %s, got data on %s"
              .formatted(device, data.device()));
    }
    parameters = rbm.parameters();
    batches =
        scope.own(new MiniBatches(data, config.batchSize(), config.binarisation(), config.seed()));
    try {
      phase = scope.own(ModelPhase.of(rbm, config, batches.batchSize()));
      dW = zeros(D, H);
      db = zeros(D);
      dc = zeros(H);
      sW = zeros(D, H);
      sb = zeros(D);
      sc = zeros(H);
      meanV = zeros(D);
      meanH = zeros(H);
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
    rbm.provenance(Checkpoint.CONFIG, ConfigJson.write(config));
  }

  private Tensor zeros(long... shape) {
    return scope.own(Tensor.zeros(device, shape));
  }

  /**
   * Goes on where a checkpoint stopped, bit for bit. The machine's parameters become the
   * checkpoint's.
   *
   * @param data what the run was trained on
   */
  public static RbmTrainer resume(Rbm rbm, Path checkpoint, Tensor data) throws IOException {
    return RbmCheckpoint.resume(rbm, checkpoint, data, 0);
  }

  /** Goes on to another number of epochs; the learning rate's decay then ends there. */
  public static RbmTrainer resume(Rbm rbm, Path checkpoint, Tensor data, int epochs)
      throws IOException {
    return RbmCheckpoint.resume(rbm, checkpoint, data, Checks.positive("epochs", epochs));
  }

  // --- One update -----------------------------------------------------------------------------

  @Override
  public void step() {
    if (batches.batch() == 0) {
      phase.startEpoch();
    }
    float rate = (float) learningRate();
    Rng rng = new Rng(config.seed(), rngStep);
    States v = batches.next(rng); // [batch, visible]
    States model = phase.run(v, rng); // [model rows, visible]
    rngStep += config.steps();
    Gibbs.gradient(
        device,
        parameters,
        v,
        phase.dataH.buffer(),
        model,
        phase.modelH.buffer(),
        dW.buffer(),
        db.buffer(),
        dc.buffer(),
        meanV.buffer(),
        meanH.buffer());
    update(rate);
  }

  private void update(float rate) {
    Gibbs.update(
        device,
        new UpdateParameters(
            parameters,
            sW.buffer(),
            sb.buffer(),
            sc.buffer(),
            dW.buffer(),
            db.buffer(),
            dc.buffer(),
            meanV.buffer(),
            meanH.buffer(),
            rate,
            (float) config.momentum(),
            (float) config.weightDecay(),
            (float) config.sparsityTarget(),
            (float) config.sparsityCost(),
            (float) config.offsetRate()));
  }

  /**
   * The rate of the next update: linear from learningRate at the first to finalLearningRate at the
   * last.
   */
  public double learningRate() {
    double last = (double) config.epochs() * batches.batches() - 1;
    double position = (double) batches.epoch() * batches.batches() + batches.batch();
    double share = last > 0 ? Math.min(position / last, 1) : 0;
    return config.learningRate() + share * (config.finalLearningRate() - config.learningRate());
  }

  // --- Where the run stands -------------------------------------------------------------------

  public Rbm rbm() {
    return rbm;
  }

  public RbmTrainingConfig config() {
    return config;
  }

  /**
   * The persistent chains, bits [replicas chains, visible], coldest first; null with CD. The
   * trainer's own: not to be closed.
   */
  public Tensor chains() {
    return phase.persists() ? phase.chains : null;
  }

  @Override
  public int epoch() {
    return batches.epoch();
  }

  @Override
  public int epochs() {
    return config.epochs();
  }

  @Override
  public long batch() {
    return batches.batch();
  }

  @Override
  public long batchesPerEpoch() {
    return batches.batches();
  }

  @Override
  public long examplesPerEpoch() {
    return batches.rows();
  }

  /**
   * The learning rate, and with tempering the least share of swaps accepted between two neighbours
   * in the epoch.
   */
  @Override
  public Map<String, Double> metrics() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("learning_rate", learningRate());
    metrics.putAll(phase.metrics());
    return metrics;
  }

  @Override
  public String nonFinite() {
    try (Tensor columnMeans = Tensor.zeros(device, rbm.config().hidden())) {
      StateOps.mean(device, rbm.W().states(), columnMeans.buffer());
      return !finite(columnMeans) ? "W" : !finite(rbm.b()) ? "b" : !finite(rbm.c()) ? "c" : null;
    }
  }

  private static boolean finite(Tensor tensor) {
    for (float value : tensor.toArray()) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void save(Path checkpoint) throws IOException {
    RbmCheckpoint.write(this).save(checkpoint);
  }

  @Override
  public void close() {
    scope.close();
  }

  // --- What a checkpoint holds besides the machine --------------------------------------------

  /** The tensors that live from update to update, by their names in the file. */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put("training.sW", sW);
    state.put("training.sb", sb);
    state.put("training.sc", sc);
    if (phase.persists()) {
      state.put("training.chains", phase.chains);
    }
    return state;
  }

  MiniBatches batches() {
    return batches;
  }

  long rngStep() {
    return rngStep;
  }

  void rngStep(long step) {
    rngStep = step;
  }
}
