// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import static org.bytedeco.pytorch.global.torch.binary_cross_entropy_with_logits;
import static org.bytedeco.pytorch.global.torch.index_select_out;
import static org.bytedeco.pytorch.global.torch.randn_like;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.peer.Torch.Draw;

/**
 * The variational autoencoder of Kingma and Welling (2014) in eager libtorch, written as its users
 * write it: two tanh layers on either side, autograd, the KL term in closed form, and
 * torch::optim::Adam.
 */
public final class TorchVae implements AutoCloseable {
  private static final long SUM = 2; // at::Reduction::Sum

  private final int batch;
  private final LinearImpl[] encoder;
  private final LinearImpl mean;
  private final LinearImpl logVariance;
  private final LinearImpl[] decoder;
  private final LinearImpl output;
  private final TensorVector parameters = new TensorVector();
  private final Adam adam;
  private final Tensor data; // [rows][visible]
  private final Tensor v; // [batch][visible], intensities
  private final Tensor noise;
  private final Tensor x; // [batch][visible], binary

  /**
   * @param weights by the names of our model's file, so that both start alike: weight [out][in],
   *     bias [out]
   * @param names of the linear layers, in order: two of the encoder, mean, log-variance, two of the
   *     decoder, output
   */
  public TorchVae(
      Map<String, float[]> weights,
      List<String> names,
      float[] data,
      int rows,
      int batch,
      double rate) {
    this.batch = batch;
    List<LinearImpl> layers = new ArrayList<>();
    for (String name : names) {
      layers.add(layer(weights.get(name + ".weight"), weights.get(name + ".bias")));
    }
    encoder = new LinearImpl[] {layers.get(0), layers.get(1)};
    mean = layers.get(2);
    logVariance = layers.get(3);
    decoder = new LinearImpl[] {layers.get(4), layers.get(5)};
    output = layers.get(6);
    adam = new Adam(parameters, new AdamOptions(rate));
    int visible = data.length / rows;
    this.data = Torch.of(data, rows, visible);
    v = Torch.zeros(batch, visible);
    noise = Torch.zeros(batch, visible);
    x = Torch.zeros(batch, visible);
  }

  private LinearImpl layer(float[] weight, float[] bias) {
    int out = bias.length;
    LinearImpl layer = new LinearImpl(weight.length / out, out);
    try (NoGradGuard guard = new NoGradGuard()) {
      layer.weight().copy_(Torch.of(weight, out, weight.length / out));
      layer.bias().copy_(Torch.of(bias, out));
    }
    parameters.push_back(layer.weight());
    parameters.push_back(layer.bias());
    return layer;
  }

  /** One epoch over the rows in the given order, which holds whole batches. */
  public void epoch(long[] order, Draw draw) {
    try (PointerScope epoch = new PointerScope()) {
      Tensor index = AbstractTensor.create(order, order.length);
      for (long start = 0; start + batch <= order.length; start += batch) {
        try (PointerScope step = new PointerScope()) {
          index_select_out(v, data, 0, index.narrow(0, start, batch));
          draw.draw(v, noise, x);
          adam.zero_grad();
          loss().backward();
          adam.step();
        }
      }
    }
  }

  // Minus the evidence lower bound, mean over the batch.
  private Tensor loss() {
    Tensor h = encoder[1].forward(encoder[0].forward(x).tanh()).tanh();
    Tensor mu = mean.forward(h);
    Tensor logVar = logVariance.forward(h);
    Tensor z = mu.add(logVar.mul(new Scalar(0.5f)).exp().mul(randn_like(mu)));
    Tensor d = decoder[1].forward(decoder[0].forward(z).tanh()).tanh();
    Tensor logits = output.forward(d);
    Tensor reconstruction =
        binary_cross_entropy_with_logits(
            logits, x, new TensorOptional(), new TensorOptional(), SUM);
    Tensor kl =
        mu.square().add(logVar.exp()).sub(logVar).sub(new Scalar(1f)).sum().mul(new Scalar(0.5f));
    return reconstruction.add(kl).div(new Scalar((float) batch));
  }

  /** Minus the bound on a batch of intensities as they are, of one draw, mean over its rows. */
  public double loss(float[] rows) {
    try (PointerScope local = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      x.copy_(Torch.of(rows, batch, rows.length / batch));
      return loss().item_float();
    }
  }

  public Peer peer(String name, long[] order) {
    return new Peer(
        name,
        List.of(Draw.values()).stream()
            .map(draw -> new Contender(draw.label(), () -> epoch(order, draw)))
            .toList());
  }

  @Override
  public void close() {
    adam.close();
    parameters.close();
    Torch.close(data, v, noise, x); // the layers go with the garbage collector
  }
}
