// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.gibbs;

import java.util.List;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.Trial;
import org.generatrix.bench.Verify;
import org.generatrix.bench.Work;
import org.generatrix.bench.peer.BlasProducts;
import org.generatrix.bench.peer.Pools;
import org.generatrix.bench.peer.Torch;
import org.generatrix.bench.peer.TorchSweep;
import org.generatrix.binding.Device;
import org.generatrix.binding.Gibbs;
import org.generatrix.binding.RbmParameters;
import org.generatrix.binding.Rng;
import org.generatrix.binding.States;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/** One shape of the Gibbs sweep. */
final class SweepTrial implements Trial {
  private static final long SEED = 42;
  private static final int CHECKED_ROWS = 8;

  private final TestMachine machine;
  private final int batch;
  private final Scope scope = new Scope();
  private final Device device;
  private final RbmParameters rbm;
  private final Tensor start; // bits [batch][visible]
  private final States chain; // bits [batch][visible]
  private final TorchSweep torch;
  private final BlasProducts blas;
  private long step;

  SweepTrial(int visible, int hidden, int batch, int threads) {
    this.batch = batch;
    machine = TestMachine.of(visible, hidden);
    float[] states = machine.states(batch);
    device = scope.own(Device.cpu(threads));
    rbm = machine.on(device, scope);
    start = scope.own(scope.own(Tensor.of(device, states, batch, visible)).toBits(0.5f));
    chain = scope.own(start.copy()).states();
    Torch.setThreads(threads);
    torch = scope.own(new TorchSweep(machine.W(), machine.b(), machine.c(), states, batch));
    float[] h = torch.hiddenProbabilities(states, batch); // any floats do
    blas = scope.own(new BlasProducts(visible, hidden, batch, machine.W(), states, h));
  }

  @Override
  public Contender ours() {
    return new Contender("bits", () -> sweep(chain));
  }

  private void sweep(States v) {
    Gibbs.chain(device, rbm, 1, 1, null, new Rng(SEED, step++), v, null, null, null, null);
  }

  @Override
  public List<Peer> peers() {
    Peer sweep = torch.peer(Torch.name(device.threads()));
    // OpenBLAS alone is at its best when nobody else's threads spin.
    return Pools.current() == Pools.TUNED ? List.of(sweep, blas.peer()) : List.of(sweep);
  }

  @Override
  public Work work() {
    return Work.flops(2.0 * 2 * batch * machine.visible() * machine.hidden());
  }

  /**
   * The timed call against one that shows its hidden states and its probabilities, these against a
   * product in double and against libtorch's, and the draws against the probabilities.
   */
  @Override
  public void verify() {
    try (Scope local = new Scope()) {
      int visible = machine.visible();
      int hidden = machine.hidden();
      Tensor timed = local.own(start.copy());
      Tensor shown = local.own(start.copy());
      Tensor h = local.own(Tensor.bits(device, batch, hidden));
      Tensor pV = local.own(Tensor.zeros(device, batch, visible));
      Tensor pH = local.own(Tensor.zeros(device, batch, hidden));
      step = 5;
      sweep(timed.states());
      Rng rng = new Rng(SEED, 5);
      Gibbs.chain(
          device, rbm, 1, 1, null, rng, shown.states(), null, h.states(), pV.buffer(), pH.buffer());

      float[] v = local.own(shown.toFloats()).toArray();
      Verify.close("v of the timed call", local.own(timed.toFloats()).toArray(), v, 0);
      float[] sampledH = local.own(h.toFloats()).toArray();
      float[] visibles = pV.toArray();
      float[] hiddens = pH.toArray();
      for (int k = 0; k < CHECKED_ROWS; k++) {
        int row = k * (batch - 1) / (CHECKED_ROWS - 1);
        Verify.close(
            "p(v | h)",
            visibles,
            row * visible,
            machine.visibleProbabilities(sampledH, row),
            tolerance(hidden));
        Verify.close(
            "p(h | v)",
            hiddens,
            row * hidden,
            machine.hiddenProbabilities(v, row),
            tolerance(visible));
      }
      Verify.drawn("v", v, visibles);
      Verify.close(
          "p(v | h) of libtorch",
          torch.visibleProbabilities(sampledH, batch),
          visibles,
          tolerance(hidden));
      Verify.close(
          "p(h | v) of libtorch", torch.hiddenProbabilities(v, batch), hiddens, tolerance(visible));
      verifyProducts();
    }
  }

  /** That OpenBLAS computes the products of the machine: its first row against double. */
  private void verifyProducts() {
    blas.run();
    float[] product = blas.hiddenProduct();
    double[] expected = machine.hiddenProbabilities(machine.states(batch), 0);
    for (int j = 0; j < machine.hidden(); j++) {
      double p = 1 / (1 + Math.exp(-(product[j] + machine.c()[j])));
      Verify.close("sgemm of OpenBLAS[" + j + "]", p, expected[j], tolerance(machine.visible()));
    }
  }

  /**
   * Half an ulp of 1 for each of the terms of a pre-activation; a sigmoid's slope is at most 1/4.
   */
  private static double tolerance(int terms) {
    return terms * 0x1p-24;
  }

  @Override
  public void close() {
    scope.close();
  }
}
