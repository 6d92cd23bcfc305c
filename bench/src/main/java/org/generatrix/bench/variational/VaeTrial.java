// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.variational;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.generatrix.bench.BenchDigits;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.Trial;
import org.generatrix.bench.Verify;
import org.generatrix.bench.Work;
import org.generatrix.bench.peer.Torch;
import org.generatrix.bench.peer.TorchVae;
import org.generatrix.binding.Device;
import org.generatrix.data.Binarisation;
import org.generatrix.data.Shuffle;
import org.generatrix.model.variational.Vae;
import org.generatrix.model.variational.VaeConfig;
import org.generatrix.model.variational.VaeTraining;
import org.generatrix.model.variational.VaeTrainingConfig;
import org.generatrix.model.variational.VaeTrainingConfig.Objective;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.optim.Decay;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/**
 * Epochs of the evidence lower bound on digits binarised at each presentation, one after the other,
 * by the public trainer and by libtorch.
 */
final class VaeTrial implements Trial {
  private static final long SEED = 45;
  private static final int BATCH = 100;
  private static final double RATE = 1e-3;
  private static final double PARAMETERS = 2 * (784 * 200 + 200 * 200) + 3 * 50 * 200;

  private final BenchDigits digits = BenchDigits.load();
  private final Scope scope = new Scope();
  private final Device device;
  private final Vae vae;
  private final VaeTraining training;
  private final TorchVae torch;
  private final Tensor judged;
  private final long[] order = Shuffle.permutation(BenchDigits.ROWS, SEED, 0);
  private final double untrained;

  VaeTrial(int threads) {
    device = scope.own(Device.cpu(threads));
    VaeConfig config =
        new VaeConfig(
            digits.pixels(), "200-200", "50", VaeConfig.Decoder.BERNOULLI, Nonlinearity.TANH);
    vae = scope.own(Vae.create(device, config, SEED));
    Tensor data =
        scope.own(Tensor.of(device, digits.intensities(), BenchDigits.ROWS, digits.pixels()));
    judged = scope.own(data.rowsAt(Arrays.copyOf(order, BATCH)));
    training =
        scope.own(
            new VaeTraining(
                vae,
                data,
                new VaeTrainingConfig(
                    10_000,
                    BATCH,
                    Objective.ELBO,
                    1,
                    RATE,
                    Decay.CONSTANT,
                    Binarisation.RESAMPLED,
                    SEED)));
    Torch.setThreads(threads);
    Map<String, float[]> weights = new LinkedHashMap<>();
    vae.parameters().forEach((name, tensor) -> weights.put(name, tensor.toArray()));
    torch =
        scope.own(
            new TorchVae(
                weights,
                List.of(
                    "encoder1.hidden.0",
                    "encoder1.hidden.1",
                    "encoder1.mean",
                    "encoder1.log_variance",
                    "decoder.0",
                    "decoder.1",
                    "logits"),
                digits.intensities(),
                BenchDigits.ROWS,
                BATCH,
                RATE));
    untrained = judge();
  }

  @Override
  public Contender ours() {
    return new Contender("VaeTraining", this::epoch);
  }

  private void epoch() {
    for (long k = training.batchesPerEpoch(); k > 0; k--) {
      training.step();
    }
  }

  @Override
  public List<Peer> peers() {
    return List.of(torch.peer(Torch.name(device.threads()), order));
  }

  /** Three products a layer, forward and for both gradients; none for that of the data. */
  @Override
  public Work work() {
    return Work.flops(2.0 * BenchDigits.ROWS * (3 * PARAMETERS - 784 * 200));
  }

  /**
   * Both must have learned in one epoch from the same start, and about equally much: the bound of
   * 100 pictures still falls fast then, and the draws differ.
   */
  @Override
  public void verify() {
    epoch();
    torch.epoch(order, Torch.Draw.UNIFORM);
    double ours = judge();
    double theirs = torch.loss(judged.toArray());
    Verify.close("minus the bound after an epoch", ours, theirs, 0.15 * theirs);
    if (!(ours < untrained / 2)) {
      throw new AssertionError(
          "minus the bound after an epoch: expected below half of " + untrained + ", got " + ours);
    }
  }

  private double judge() {
    return -Arrays.stream(vae.elbo(judged, 1, SEED)).average().orElseThrow();
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
