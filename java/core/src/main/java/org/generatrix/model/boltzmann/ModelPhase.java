// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.boltzmann;

import java.util.Arrays;
import java.util.Map;
import org.generatrix.binding.Device;
import org.generatrix.binding.Gibbs;
import org.generatrix.binding.Layer;
import org.generatrix.binding.RbmParameters;
import org.generatrix.binding.Rng;
import org.generatrix.binding.States;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;
import org.generatrix.train.MiniBatches;

/**
 * Where the states of the model's average come from in an update; one class for each {@link
 * RbmTrainingConfig.Algorithm}. Buffers are allocated once.
 */
abstract class ModelPhase implements AutoCloseable {
  final Scope scope = new Scope();
  final Device device;
  final RbmParameters rbm;
  final int steps;
  final Tensor chains; // bits [rows, visible]
  final Tensor dataH; // [batch, hidden], p(h | data)
  final Tensor modelH; // [model states, hidden], p(h | model state)

  private ModelPhase(
      Rbm machine, RbmTrainingConfig config, int batch, int modelRows, int chainRows) {
    device = machine.device();
    rbm = machine.parameters();
    steps = config.steps();
    try {
      dataH = scope.own(Tensor.zeros(device, batch, machine.config().hidden()));
      modelH = scope.own(Tensor.zeros(device, modelRows, machine.config().hidden()));
      Rng start = new Rng(config.seed(), 0);
      chains = scope.own(GibbsSteps.noise(machine, chainRows, start));
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  static ModelPhase of(Rbm machine, RbmTrainingConfig config, int batch) {
    return switch (config.algorithm()) {
      case CD -> new Contrastive(machine, config, batch);
      case PCD -> new Persistent(machine, config, batch);
      case PARALLEL_TEMPERING -> new Tempered(machine, config, batch);
    };
  }

  /**
   * Fills dataH, moves the chains and fills modelH.
   *
   * @param v data, [rows, visible] with rows at most the batch
   * @param rng of this update, which may use as many steps as the configuration has
   * @return the model's states, [model rows, visible]
   */
  abstract States run(States v, Rng rng);

  /** Whether the chains live on from update to update. */
  boolean persists() {
    return true;
  }

  /** What there is to say of the epoch so far. */
  Map<String, Double> metrics() {
    return Map.of();
  }

  /** Called before the first update of an epoch. */
  void startEpoch() {}

  @Override
  public void close() {
    scope.close();
  }

  void hidden(States v, Tensor p) {
    GibbsSteps.layer(device, rbm, Layer.HIDDEN, v, GibbsSteps.NO_DRAWS, p.buffer(), null);
  }

  /** k steps from the data; the first half step is also the data's own statistics. */
  private static final class Contrastive extends ModelPhase {
    private final Tensor sampledH; // bits [batch, hidden]

    Contrastive(Rbm machine, RbmTrainingConfig config, int batch) {
      super(machine, config, batch, batch, batch);
      try {
        sampledH = scope.own(Tensor.bits(device, batch, machine.config().hidden()));
      } catch (RuntimeException e) {
        scope.close();
        throw e;
      }
    }

    @Override
    States run(States v, Rng rng) {
      States h = MiniBatches.firstRows(sampledH.states(), v.rows());
      States model = MiniBatches.firstRows(chains.states(), v.rows());
      GibbsSteps.layer(device, rbm, Layer.HIDDEN, v, rng, dataH.buffer(), h);
      GibbsSteps.layer(device, rbm, Layer.VISIBLE, h, rng, null, model);
      Gibbs.chain(
          device, rbm, steps - 1, 1f, null, rng.plus(1), model, null, null, null, modelH.buffer());
      return model;
    }

    @Override
    boolean persists() {
      return false;
    }
  }

  /** k steps from where the last update left the chains. */
  private static final class Persistent extends ModelPhase {

    Persistent(Rbm machine, RbmTrainingConfig config, int batch) {
      super(machine, config, batch, config.chains(), config.chains());
    }

    @Override
    States run(States v, Rng rng) {
      hidden(v, dataH);
      States model = chains.states();
      Gibbs.chain(device, rbm, steps, 1f, null, rng, model, null, null, null, modelH.buffer());
      return model;
    }
  }

  /**
   * Replicas of the chains, evenly from beta = 1, the machine itself, to the hottest. After each
   * step neighbours may swap, pairs (0, 1), (2, 3).. and (1, 2), (3, 4).. in turn; the coldest are
   * the model's states.
   */
  private static final class Tempered extends ModelPhase {
    private final float[] betas; // [replicas]
    private final Tensor rowBeta; // [replicas chains]
    private final int perReplica;
    private final long[] accepted; // of each pair in this epoch
    private final long[] offered;

    Tempered(Rbm machine, RbmTrainingConfig config, int batch) {
      super(
          machine,
          config,
          batch,
          config.chains(),
          Math.multiplyExact(config.replicas(), config.chains()));
      int replicas = config.replicas();
      perReplica = config.chains();
      betas = new float[replicas];
      accepted = new long[replicas - 1];
      offered = new long[replicas - 1];
      float[] rows = new float[replicas * perReplica];
      for (int r = 0; r < replicas; r++) {
        betas[r] = (float) (1 - (1 - config.hottestBeta()) * r / (replicas - 1));
        Arrays.fill(rows, r * perReplica, (r + 1) * perReplica, betas[r]);
      }
      try {
        rowBeta = scope.own(Tensor.of(device, rows, rows.length));
      } catch (RuntimeException e) {
        scope.close();
        throw e;
      }
    }

    @Override
    States run(States v, Rng rng) {
      hidden(v, dataH);
      States replicas = chains.states();
      for (int s = 0; s < steps; s++) {
        Rng here = rng.plus(s);
        Gibbs.chain(device, rbm, 1, 1f, rowBeta.buffer(), here, replicas, null, null, null, null);
        int parity = (int) (here.step() & 1);
        Gibbs.temperingSwap(device, rbm, betas, parity, here, replicas, accepted);
        for (int pair = parity; pair < offered.length; pair += 2) {
          offered[pair] += perReplica;
        }
      }
      States model = MiniBatches.firstRows(replicas, perReplica);
      hidden(model, modelH);
      return model;
    }

    @Override
    void startEpoch() {
      Arrays.fill(accepted, 0);
      Arrays.fill(offered, 0);
    }

    @Override
    Map<String, Double> metrics() {
      double least = 1;
      for (int pair = 0; pair < offered.length; pair++) {
        if (offered[pair] > 0) {
          least = Math.min(least, (double) accepted[pair] / offered[pair]);
        }
      }
      return offered[0] > 0 ? Map.of("least_swap_rate", least) : Map.of();
    }
  }
}
