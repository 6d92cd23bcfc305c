// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.peer.Torch.Draw;

/** The Gibbs sweep v to h to v, sampled, in libtorch. */
public final class TorchSweep implements AutoCloseable {
  private final TorchRbm rbm;
  private final TorchRbm.Chain chain;

  /**
   * @param weights [visible][hidden]
   * @param start [rows][visible], the states the chain starts from
   */
  public TorchSweep(float[] weights, float[] b, float[] c, float[] start, int rows) {
    rbm = new TorchRbm(weights, b, c);
    chain = new TorchRbm.Chain(rbm, start, rows);
  }

  public Peer peer(String name) {
    return new Peer(
        name,
        List.of(Draw.values()).stream()
            .map(draw -> new Contender(draw.label(), () -> chain.sweep(draw)))
            .toList());
  }

  /** P(h | v), [rows][hidden], of given states. */
  public float[] hiddenProbabilities(float[] states, int rows) {
    Tensor v = Torch.of(states, rows, rbm.b.numel());
    rbm.hidden(v, chain.pH);
    v.close();
    return Torch.toArray(chain.pH);
  }

  /** P(v | h), [rows][visible], of given states. */
  public float[] visibleProbabilities(float[] states, int rows) {
    Tensor h = Torch.of(states, rows, rbm.c.numel());
    rbm.visible(h, chain.pV);
    h.close();
    return Torch.toArray(chain.pV);
  }

  @Override
  public void close() {
    chain.close();
    rbm.close();
  }
}
