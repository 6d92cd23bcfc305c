// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import static org.bytedeco.pytorch.global.torch.index_select_out;

import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;

/**
 * A flow of points in eager libtorch as a lecture writes it: affine couplings with masks as
 * tensors, networks of all units for s and for t with one hidden layer of tanh, the
 * log-determinants added up, autograd and torch::optim::Adam.
 */
public final class TorchNvpNet implements AutoCloseable {
  private static final int DIM = 2;

  /** A coupling. */
  private record Layer(Tensor b, LinearImpl[] s, LinearImpl[] t) {}

  private final int batch;
  private final int width;
  private final Layer[] layers;
  private final TensorVector parameters = new TensorVector();
  private final Adam adam;
  private final Tensor data; // [rows][2]
  private final Tensor x; // [batch][2]

  /**
   * @param weights by the names of our model's file, whose networks have the kept unit as input and
   *     the other as output: ours stand there, and zeros, which training leaves, elsewhere
   * @param kept of each coupling
   * @param width of the hidden layers
   */
  public TorchNvpNet(
      Map<String, float[]> weights,
      boolean[][] kept,
      int width,
      float[] data,
      int batch,
      double rate) {
    this.batch = batch;
    this.width = width;
    layers = new Layer[kept.length];
    for (int d = 0; d < layers.length; d++) {
      int unit = kept[d][0] ? 0 : 1; // which is kept
      float[] b = new float[DIM];
      b[unit] = 1;
      String name = "transform." + d + ".";
      layers[d] =
          new Layer(
              Torch.of(b, 1, DIM),
              network(weights, name + "s.", unit),
              network(weights, name + "t.", unit));
    }
    adam = new Adam(parameters, new AdamOptions(rate));
    this.data = Torch.of(data, data.length / DIM, DIM);
    x = Torch.zeros(batch, DIM);
  }

  private LinearImpl[] network(Map<String, float[]> weights, String name, int unit) {
    float[] in = weights.get(name + "0.weight");
    float[] out = weights.get(name + "last.weight");
    float[] first = new float[width * DIM];
    float[] second = new float[DIM * width];
    for (int i = 0; i < width; i++) {
      first[i * DIM + unit] = in[i];
      second[(1 - unit) * width + i] = out[i];
    }
    float[] bias = new float[DIM];
    bias[1 - unit] = weights.get(name + "last.bias")[0];
    return new LinearImpl[] {
      layer(DIM, width, first, weights.get(name + "0.bias")), layer(width, DIM, second, bias)
    };
  }

  private LinearImpl layer(int in, int out, float[] weight, float[] bias) {
    LinearImpl layer = new LinearImpl(in, out);
    try (NoGradGuard guard = new NoGradGuard()) {
      layer.weight().copy_(Torch.of(weight, out, in));
      layer.bias().copy_(Torch.of(bias, out));
    }
    parameters.push_back(layer.weight());
    parameters.push_back(layer.bias());
    return layer;
  }

  // Minus the mean log-likelihood.
  private Tensor loss(Tensor points) {
    Tensor y = points;
    Tensor logDet = Torch.zeros(points.size(0));
    Scalar one = new Scalar(1f);
    for (Layer layer : layers) {
      Tensor rest = layer.b().neg().add(one);
      Tensor seen = layer.b().mul(y);
      Tensor s = layer.s()[1].forward(layer.s()[0].forward(seen).tanh());
      Tensor t = layer.t()[1].forward(layer.t()[0].forward(seen).tanh());
      logDet = logDet.add(rest.mul(s).sum(1));
      y = layer.b().mul(y).add(rest.mul(s.exp().mul(y).add(t)));
    }
    Tensor base =
        y.square().add(new Scalar((float) Math.log(2 * Math.PI))).mul(new Scalar(-0.5f)).sum(1);
    return base.add(logDet).mean().neg();
  }

  /** One epoch over the rows in the given order, which holds whole batches. */
  public void epoch(long[] order) {
    try (PointerScope epoch = new PointerScope()) {
      Tensor index = AbstractTensor.create(order, order.length);
      for (long start = 0; start + batch <= order.length; start += batch) {
        try (PointerScope step = new PointerScope()) {
          index_select_out(x, data, 0, index.narrow(0, start, batch));
          adam.zero_grad();
          loss(x).backward();
          adam.step();
        }
      }
    }
  }

  /** Of all these points. */
  public double loss(float[] points) {
    try (PointerScope local = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      return loss(Torch.of(points, points.length / DIM, DIM)).item_float();
    }
  }

  public Peer peer(String name, long[] order) {
    return new Peer(name, new Contender("eager", () -> epoch(order), order.length / batch));
  }

  @Override
  public void close() {
    adam.close();
    parameters.close();
    Torch.close(data, x); // the layers go with the garbage collector
  }
}
