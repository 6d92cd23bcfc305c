// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import static org.bytedeco.pytorch.global.torch.addmm_out;

import org.bytedeco.pytorch.Tensor;
import org.generatrix.bench.peer.Torch.Draw;

/**
 * A binary restricted Boltzmann machine as a good user of eager libtorch writes it: one addmm per
 * product, everything else in place, every output allocated once.
 */
final class TorchRbm implements AutoCloseable {
  final Tensor W; // [visible][hidden]
  final Tensor Wt; // [hidden][visible], a view
  final Tensor b; // [visible]
  final Tensor c; // [hidden]

  TorchRbm(float[] weights, float[] visibleBias, float[] hiddenBias) {
    W = Torch.of(weights, visibleBias.length, hiddenBias.length);
    Wt = W.t();
    b = Torch.of(visibleBias, visibleBias.length);
    c = Torch.of(hiddenBias, hiddenBias.length);
  }

  /** p[rows][hidden] = P(h = 1 | v[rows][visible]). */
  void hidden(Tensor v, Tensor p) {
    addmm_out(p, c, v, W);
    p.sigmoid_();
  }

  /** p[rows][visible] = P(v = 1 | h[rows][hidden]). */
  void visible(Tensor h, Tensor p) {
    addmm_out(p, b, h, Wt);
    p.sigmoid_();
  }

  @Override
  public void close() {
    Torch.close(Wt, W, b, c);
  }

  /** The states of a block Gibbs chain and what its steps need. */
  static final class Chain implements AutoCloseable {
    final Tensor v; // [rows][visible]
    final Tensor h; // [rows][hidden]
    final Tensor pV;
    final Tensor pH;
    private final Tensor noiseV;
    private final Tensor noiseH;
    private final TorchRbm rbm;

    Chain(TorchRbm rbm, float[] start, long rows) {
      long visible = rbm.b.numel();
      long hidden = rbm.c.numel();
      this.rbm = rbm;
      v = Torch.of(start, rows, visible);
      h = Torch.zeros(rows, hidden);
      pV = Torch.zeros(rows, visible);
      pH = Torch.zeros(rows, hidden);
      noiseV = Torch.zeros(rows, visible);
      noiseH = Torch.zeros(rows, hidden);
    }

    /** h ~ P(h | v), then v ~ P(v | h). */
    void sweep(Draw draw) {
      rbm.hidden(v, pH);
      sampleHidden(draw);
      rbm.visible(h, pV);
      sampleVisible(draw);
    }

    void sampleHidden(Draw draw) {
      draw.draw(pH, noiseH, h);
    }

    void sampleVisible(Draw draw) {
      draw.draw(pV, noiseV, v);
    }

    @Override
    public void close() {
      Torch.close(v, h, pV, pH, noiseV, noiseH);
    }
  }
}
