// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import static org.bytedeco.pytorch.global.torch.index_select_out;

import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.peer.Torch.Draw;

/**
 * Persistent contrastive divergence with one step (Tieleman 2008) in libtorch: P(h | v) of the
 * batch, one sweep of the chains, P(h | v) of the chains, and momentum updates. Both gradient
 * products go straight into the velocity of W, scaled, which saves the passes over W that a literal
 * transcription needs.
 */
public final class TorchPcd implements AutoCloseable {
  /** The constants of training, shared by both sides. */
  public record Settings(int batch, float rate, float momentum) {}

  private final Settings settings;
  private final TorchRbm rbm;
  private final TorchRbm.Chain chain;
  private final Tensor data; // [rows][visible]
  private final Tensor v; // [batch][visible]
  private final Tensor chainT; // [visible][batch], a view
  private final Tensor pH; // [batch][hidden]
  private final Tensor sW; // velocities
  private final Tensor sb;
  private final Tensor sc;
  private final Scalar momentum;
  private final Scalar down; // -rate / batch
  private final Scalar one = new Scalar(1f);

  /**
   * @param weights [visible][hidden]
   * @param data [rows][visible]
   * @param chains [batch][visible], the start of the persistent chains
   */
  public TorchPcd(
      float[] weights,
      float[] b,
      float[] c,
      float[] data,
      int rows,
      float[] chains,
      Settings settings) {
    this.settings = settings;
    rbm = new TorchRbm(weights, b, c);
    chain = new TorchRbm.Chain(rbm, chains, settings.batch());
    this.data = Torch.of(data, rows, b.length);
    v = Torch.zeros(settings.batch(), b.length);
    chainT = chain.v.t();
    pH = Torch.zeros(settings.batch(), c.length);
    sW = Torch.zeros(b.length, c.length);
    sb = Torch.zeros(b.length);
    sc = Torch.zeros(c.length);
    momentum = new Scalar(settings.momentum());
    down = new Scalar(-settings.rate() / settings.batch());
  }

  /** One epoch over the rows in the given order; the last batch may be smaller. */
  public void epoch(long[] order, Draw draw) {
    try (PointerScope scope = new PointerScope()) {
      Tensor index = AbstractTensor.create(order, order.length);
      for (long start = 0; start < order.length; start += settings.batch()) {
        long size = Math.min(settings.batch(), order.length - start);
        try (PointerScope step = new PointerScope()) {
          Tensor rows = v.narrow(0, 0, size);
          index_select_out(rows, data, 0, index.narrow(0, start, size));
          step(rows, pH.narrow(0, 0, size), new Scalar(settings.rate() / size), draw);
        }
      }
    }
  }

  private void step(Tensor dataV, Tensor dataH, Scalar up, Draw draw) {
    rbm.hidden(dataV, dataH);
    chain.sweep(draw);
    rbm.hidden(chain.v, chain.pH);
    sW.addmm_(dataV.t(), dataH, momentum, up);
    sW.addmm_(chainT, chain.pH, one, down);
    sb.mul_(momentum).add_(dataV.sum(0), up).add_(chain.v.sum(0), down);
    sc.mul_(momentum).add_(dataH.sum(0), up).add_(chain.pH.sum(0), down);
    rbm.W.add_(sW);
    rbm.b.add_(sb);
    rbm.c.add_(sc);
  }

  public Peer peer(String name, long[] order) {
    return new Peer(
        name,
        List.of(Draw.values()).stream()
            .map(draw -> new Contender(draw.label(), () -> epoch(order, draw)))
            .toList());
  }

  public float[] weights() {
    return Torch.toArray(rbm.W);
  }

  public float[] visibleBias() {
    return Torch.toArray(rbm.b);
  }

  public float[] hiddenBias() {
    return Torch.toArray(rbm.c);
  }

  @Override
  public void close() {
    Torch.close(chainT, data, v, pH, sW, sb, sc);
    chain.close();
    rbm.close();
  }
}
