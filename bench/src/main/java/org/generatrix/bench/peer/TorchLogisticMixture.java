// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.softplus;
import static org.bytedeco.pytorch.global.torch.where;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;

/**
 * The discretised logistic mixture of three channels in eager libtorch with its autograd, line by
 * line as the code of PixelCNN++ composes it (Salimans et al., 2017), planes in front of pixels.
 */
public final class TorchLogisticMixture implements AutoCloseable {
  private static final double HALF = 1.0 / 255;

  private final long components;
  private final Tensor x; // [rows][3][pixels]
  private final Tensor parameters; // [rows][10 K][pixels]

  public TorchLogisticMixture(
      float[] x, float[] parameters, long rows, long components, long pixels) {
    this.components = components;
    this.x = Torch.of(x, rows, 3, pixels);
    this.parameters = Torch.of(parameters, rows, 10 * components, pixels);
    this.parameters.requires_grad_(true);
  }

  public Peer peer(String name) {
    return new Peer(name, new Contender("composed, autograd", this::run));
  }

  private static Scalar scalar(double value) {
    return new Scalar(value);
  }

  private Tensor forward() {
    long k = components;
    long rows = x.size(0);
    long pixels = x.size(2);
    Tensor logits = parameters.narrow(1, 0, k);
    Tensor rest = parameters.narrow(1, k, 9 * k).view(rows, 3, 3 * k, pixels);
    Tensor means = rest.narrow(2, 0, k);
    Tensor logScales = rest.narrow(2, k, k).clamp_min(scalar(-7));
    Tensor coefficients = rest.narrow(2, 2 * k, k).tanh();
    Tensor pixel = x.unsqueeze(2); // [rows][3][1][pixels]
    Tensor red = pixel.narrow(1, 0, 1);
    Tensor green = pixel.narrow(1, 1, 1);
    Tensor second = means.narrow(1, 1, 1).add(coefficients.narrow(1, 0, 1).mul(red));
    Tensor third =
        means
            .narrow(1, 2, 1)
            .add(coefficients.narrow(1, 1, 1).mul(red))
            .add(coefficients.narrow(1, 2, 1).mul(green));
    means = cat(new TensorVector(means.narrow(1, 0, 1), second, third), 1);
    Tensor centred = pixel.sub(means);
    Tensor inverse = logScales.neg().exp();
    Tensor plus = inverse.mul(centred.add(scalar(HALF)));
    Tensor minus = inverse.mul(centred.sub(scalar(HALF)));
    Tensor logCdfPlus = plus.sub(softplus(plus));
    Tensor logOneMinusCdfMinus = softplus(minus).neg();
    Tensor difference = plus.sigmoid().sub(minus.sigmoid());
    Tensor middle = inverse.mul(centred);
    Tensor logDensity = middle.sub(logScales).sub(softplus(middle).mul(scalar(2)));
    Tensor inner =
        where(
            difference.gt(scalar(1e-5)),
            difference.clamp_min(scalar(1e-12)).log(),
            logDensity.sub(scalar(Math.log(127.5))));
    Tensor logP =
        where(
            pixel.lt(scalar(-0.999)),
            logCdfPlus,
            where(pixel.gt(scalar(0.999)), logOneMinusCdfMinus, inner));
    return logP.sum(1).add(logits.log_softmax(1)).logsumexp(1).sum(1);
  }

  private void run() {
    try (PointerScope local = new PointerScope()) {
      parameters.mutable_grad().reset();
      forward().sum().backward();
    }
  }

  /** [rows], for verification. */
  public float[] logLikelihoods() {
    try (PointerScope local = new PointerScope()) {
      return Torch.toArray(forward().contiguous());
    }
  }

  /** The gradients of their sum by the parameters. */
  public float[] gradient() {
    run();
    try (PointerScope local = new PointerScope()) {
      return Torch.toArray(parameters.grad().contiguous());
    }
  }

  @Override
  public void close() {
    Torch.close(x, parameters);
  }
}
