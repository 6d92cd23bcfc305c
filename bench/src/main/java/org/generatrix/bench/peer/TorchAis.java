// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import static org.bytedeco.pytorch.global.torch.addmm_out;
import static org.bytedeco.pytorch.global.torch.mul_out;
import static org.bytedeco.pytorch.global.torch.softplus_out;

import java.util.List;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.peer.Torch.Draw;

/**
 * Annealed importance sampling from the uniform machine (Salakhutdinov and Murray 2008) in
 * libtorch. The product v W of a state serves both of its weights and its next step, so a
 * temperature costs two products, as it does on our side.
 */
public final class TorchAis implements AutoCloseable {
  private final TorchRbm rbm;
  private final TorchRbm.Chain chain;
  private final double[] betas;
  private final int chains;
  private final Tensor x; // [chains][hidden], c + v W
  private final Tensor scaled; // [chains][hidden]
  private final Tensor logWeights; // double [chains]

  /**
   * @param weights [visible][hidden]
   * @param betas from 0 to 1
   */
  public TorchAis(float[] weights, float[] b, float[] c, int chains, double[] betas) {
    this.betas = betas.clone();
    this.chains = chains;
    rbm = new TorchRbm(weights, b, c);
    chain = new TorchRbm.Chain(rbm, new float[chains * b.length], chains);
    x = Torch.zeros(chains, c.length);
    scaled = Torch.zeros(chains, c.length);
    Tensor zeros = Torch.zeros(chains);
    logWeights = zeros.to(ScalarType.Double);
    zeros.close();
  }

  /** All temperatures once; log w of each chain is left in the weights. */
  public void run(Draw draw) {
    logWeights.zero_();
    chain.pV.fill_(new Scalar(0.5f));
    chain.sampleVisible(draw);
    for (int k = 1; k < betas.length; k++) {
      try (PointerScope step = new PointerScope()) {
        addmm_out(x, rbm.c, chain.v, rbm.W);
        weigh(betas[k - 1], betas[k]);
        if (k < betas.length - 1) {
          move(new Scalar((float) betas[k]), draw);
        }
      }
    }
  }

  /** log w += (to - from) b.v + sum_j softplus(to x_j) - sum_j softplus(from x_j). */
  private void weigh(double from, double to) {
    Tensor visible = chain.v.mv(rbm.b).mul_(new Scalar((float) (to - from)));
    mul_out(scaled, x, new Scalar((float) from));
    softplus_out(scaled, scaled);
    Tensor before = scaled.sum(1);
    mul_out(scaled, x, new Scalar((float) to));
    softplus_out(scaled, scaled);
    logWeights.add_(scaled.sum(1).sub_(before).add_(visible));
  }

  /** A Gibbs step at beta; x already holds the pre-activations of h. */
  private void move(Scalar beta, Draw draw) {
    mul_out(chain.pH, x, beta);
    chain.pH.sigmoid_();
    chain.sampleHidden(draw);
    addmm_out(chain.pV, rbm.b, chain.h, rbm.Wt, beta, beta);
    chain.pV.sigmoid_();
    chain.sampleVisible(draw);
  }

  public Peer peer(String name) {
    return new Peer(
        name,
        List.of(Draw.values()).stream()
            .map(draw -> new Contender(draw.label(), () -> run(draw)))
            .toList());
  }

  /** The log-weights of the last run. */
  public double[] logWeights() {
    double[] values = new double[chains];
    new DoublePointer(logWeights.data_ptr()).get(values);
    return values;
  }

  @Override
  public void close() {
    Torch.close(x, scaled, logWeights);
    chain.close();
    rbm.close();
  }
}
