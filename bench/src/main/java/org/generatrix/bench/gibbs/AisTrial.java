// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.gibbs;

import java.util.Arrays;
import java.util.List;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.Trial;
import org.generatrix.bench.Verify;
import org.generatrix.bench.Work;
import org.generatrix.bench.peer.Torch;
import org.generatrix.bench.peer.TorchAis;
import org.generatrix.binding.Device;
import org.generatrix.binding.DeviceBuffer;
import org.generatrix.binding.Gibbs;
import org.generatrix.binding.RbmParameters;
import org.generatrix.binding.Rng;
import org.generatrix.binding.States;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/**
 * One schedule of annealed importance sampling from the uniform machine, temperatures evenly from 0
 * to 1.
 */
final class AisTrial implements Trial {
  private static final long SEED = 43;

  private final TestMachine machine;
  private final int chains;
  private final double[] betas;
  private final Scope scope = new Scope();
  private final Device device;
  private final RbmParameters rbm;
  private final DeviceBuffer base; // zero biases
  private final States v; // bits [chains][visible]
  private final double[] logWeights;
  private final TorchAis torch; // or null
  private long step;

  AisTrial(int visible, int hidden, int chains, int temperatures, boolean peer, int threads) {
    this.chains = chains;
    machine = TestMachine.of(visible, hidden);
    betas = new double[temperatures];
    Arrays.setAll(betas, k -> k / (temperatures - 1.0));
    logWeights = new double[chains];
    device = scope.own(Device.cpu(threads));
    rbm = machine.on(device, scope);
    base = scope.own(Tensor.zeros(device, visible)).buffer();
    v = scope.own(Tensor.bits(device, chains, visible)).states();
    Torch.setThreads(threads);
    torch =
        peer ? scope.own(new TorchAis(machine.W(), machine.b(), machine.c(), chains, betas)) : null;
  }

  @Override
  public Contender ours() {
    return new Contender("bits", this::run);
  }

  private void run() {
    Gibbs.ais(device, rbm, betas, base, true, new Rng(SEED, step), v, logWeights);
    step += betas.length;
  }

  @Override
  public List<Peer> peers() {
    return torch == null ? List.of() : List.of(torch.peer(Torch.name(device.threads())));
  }

  /**
   * Two products a temperature: v W for the weights and the next hidden states, h W^T for the next
   * visible ones.
   */
  @Override
  public Work work() {
    return Work.flops(2.0 * 2 * chains * machine.visible() * machine.hidden() * (betas.length - 1));
  }

  /** That both sides estimate the same log Z, within 6 standard errors of their difference. */
  @Override
  public void verify() {
    run();
    Estimate ours = Estimate.of(logWeights);
    if (torch == null) {
      if (!(ours.error() < 1)) {
        throw new AssertionError(
            "standard error of log Z: expected below 1 nat, got " + ours.error());
      }
      return;
    }
    torch.run(Torch.Draw.UNIFORM);
    Estimate theirs = Estimate.of(torch.logWeights());
    double error = Math.hypot(ours.error(), theirs.error());
    if (!(error < 1)) {
      throw new AssertionError("standard error of log Z: expected below 1 nat, got " + error);
    }
    Verify.close("log Z", ours.log(), theirs.log(), 6 * error);
  }

  /** The logarithm of a mean weight and its standard error. */
  private record Estimate(double log, double error) {
    static Estimate of(double[] logWeights) {
      double most = Arrays.stream(logWeights).max().orElseThrow();
      double[] weights = Arrays.stream(logWeights).map(w -> Math.exp(w - most)).toArray();
      double mean = Arrays.stream(weights).average().orElseThrow();
      double variance =
          Arrays.stream(weights).map(w -> (w - mean) * (w - mean)).sum() / (weights.length - 1);
      return new Estimate(most + Math.log(mean), Math.sqrt(variance / weights.length) / mean);
    }
  }

  @Override
  public void close() {
    scope.close();
  }
}
