// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.gibbs;

import java.util.Arrays;
import java.util.List;
import org.generatrix.bench.BenchDigits;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.Trial;
import org.generatrix.bench.Verify;
import org.generatrix.bench.Work;
import org.generatrix.bench.peer.Torch;
import org.generatrix.bench.peer.TorchPcd;
import org.generatrix.binding.Device;
import org.generatrix.data.Binarisation;
import org.generatrix.data.Shuffle;
import org.generatrix.model.boltzmann.Rbm;
import org.generatrix.model.boltzmann.RbmConfig;
import org.generatrix.model.boltzmann.RbmTrainer;
import org.generatrix.model.boltzmann.RbmTrainingConfig;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/** Epochs of PCD-1 with momentum, one after the other, by the public trainer and by libtorch. */
final class PcdTrial implements Trial {
  private static final long SEED = 44;
  private static final double RATE = 0.02;
  private static final double MOMENTUM = 0.5;
  private static final int JUDGED_ROWS = 500;

  private final int hidden;
  private final int batch;
  private final BenchDigits digits = BenchDigits.load();
  private final Scope scope = new Scope();
  private final Device device;
  private final Rbm rbm;
  private final RbmTrainer trainer;
  private final TorchPcd torch;
  private final long[] order = Shuffle.permutation(BenchDigits.ROWS, SEED, 0);
  private final Tensor judged; // bits [JUDGED_ROWS][visible]
  private final double untrained; // mean log pseudo-likelihood of these rows

  PcdTrial(int hidden, int batch, boolean bits, int threads) {
    this.hidden = hidden;
    this.batch = batch;
    int visible = digits.pixels();
    float[] values = bits ? digits.thresholded() : digits.intensities();
    device = scope.own(Device.cpu(threads));
    rbm = scope.own(Rbm.create(device, new RbmConfig(visible, hidden, false, 0.01), null, SEED));
    Tensor floats = scope.own(Tensor.of(device, values, BenchDigits.ROWS, visible));
    judged = scope.own(scope.own(floats.rowsAt(firstRows())).toBits(0.5f));
    Tensor data = floats;
    if (bits) {
      data = scope.own(floats.toBits(0.5f));
      floats.close();
    }
    trainer = scope.own(new RbmTrainer(rbm, data, training()));
    untrained = judge();
    Torch.setThreads(threads);
    float[] chains = TestMachine.of(visible, hidden).states(batch);
    TorchPcd.Settings settings = new TorchPcd.Settings(batch, (float) RATE, (float) MOMENTUM);
    torch =
        scope.own(
            new TorchPcd(
                rbm.W().toArray(),
                rbm.b().toArray(),
                rbm.c().toArray(),
                values,
                BenchDigits.ROWS,
                chains,
                settings));
  }

  private RbmTrainingConfig training() {
    return RbmTrainingConfig.builder()
        .algorithm(RbmTrainingConfig.Algorithm.PCD)
        .steps(1)
        .batchSize(batch)
        .chains(batch)
        .epochs(10_000)
        .learningRate(RATE)
        .finalLearningRate(RATE)
        .momentum(MOMENTUM)
        .offsetRate(0)
        .binarisation(Binarisation.INTENSITIES)
        .seed(SEED)
        .build();
  }

  private static long[] firstRows() {
    long[] index = new long[JUDGED_ROWS];
    Arrays.setAll(index, i -> i);
    return index;
  }

  @Override
  public Contender ours() {
    return new Contender("RbmTrainer", this::epoch);
  }

  private void epoch() {
    for (long k = trainer.batchesPerEpoch(); k > 0; k--) {
      trainer.step();
    }
  }

  @Override
  public List<Peer> peers() {
    return List.of(torch.peer(Torch.name(device.threads()), order));
  }

  /**
   * Six products a batch: two for P(h | v) of data and chains, two for the sweep, two for the
   * gradient.
   */
  @Override
  public Work work() {
    return Work.flops(6.0 * 2 * BenchDigits.ROWS * digits.pixels() * hidden);
  }

  /**
   * One epoch on both sides from the same start: both must have learned, and equally much (the
   * chains differ, so the log pseudo-likelihoods, some -60 nats after -540, agree to 5 % only).
   */
  @Override
  public void verify() {
    epoch();
    torch.epoch(order, Torch.Draw.UNIFORM);
    double ours = judge();
    rbm.W().copyFrom(torch.weights());
    rbm.b().copyFrom(torch.visibleBias());
    rbm.c().copyFrom(torch.hiddenBias());
    double theirs = judge();
    Verify.close("log pseudo-likelihood after an epoch", ours, theirs, 0.05 * Math.abs(theirs));
    if (!(ours > untrained / 2)) {
      throw new AssertionError(
          "log pseudo-likelihood after an epoch: expected above half of "
              + untrained
              + " before it, got "
              + ours);
    }
  }

  private double judge() {
    return Arrays.stream(rbm.logPseudoLikelihood(judged)).average().orElseThrow();
  }

  @Override
  public String note() {
    return digits.origin();
  }

  @Override
  public void close() {
    scope.close();
  }
}
