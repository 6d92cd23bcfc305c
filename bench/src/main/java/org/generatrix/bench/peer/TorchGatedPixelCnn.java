// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.model.autoregressive.GatedPixelCnnConfig;

/**
 * Sampling of binary grey images from a gated PixelCNN in eager libtorch, as it is mostly written:
 * a pass of the whole network for each pixel. Weights are masked beforehand.
 */
public final class TorchGatedPixelCnn implements AutoCloseable {
  private final GatedPixelCnnConfig config;
  private final Map<String, Tensor> weights = new HashMap<>();
  private final Tensor x; // [n, 1, height, width] of -1 and 1
  private int pixel;

  /**
   * @param values by the names of our model's file
   * @param rows images drawn together
   */
  public TorchGatedPixelCnn(GatedPixelCnnConfig config, Map<String, float[]> values, int rows) {
    this.config = config;
    values.forEach(
        (name, value) -> {
          if (name.endsWith(".bias")) {
            weights.put(name, Torch.of(value, value.length));
          } else {
            weights.put(name, Torch.of(masked(name, value), shape(name, value, values)));
          }
        });
    x = Torch.zeros(rows, 1, config.image().height(), config.image().width());
  }

  private int kernel(String name) {
    return name.startsWith("layer0.") ? config.firstKernel() : config.kernel();
  }

  private long[] shape(String name, float[] value, Map<String, float[]> values) {
    int out = values.get(name.replace(".weight", ".bias")).length;
    int n = name.contains("vertical") || name.contains("horizontal") ? kernel(name) : 1;
    int height = name.contains("vertical") ? n : 1;
    return new long[] {out, value.length / out / n / height, height, n};
  }

  // The vertical stack sees the rows above, the horizontal one what is left, in their first layer
  // without the pixel's own row or itself.
  private float[] masked(String name, float[] value) {
    boolean vertical = name.contains("vertical");
    if (!vertical && !name.contains("horizontal")) {
      return value;
    }
    int n = kernel(name);
    int live = n / 2 + (name.startsWith("layer0.") ? 0 : 1);
    float[] masked = value.clone();
    for (int i = 0; i < masked.length; i++) {
      int at = vertical ? i / n % n : i % n;
      masked[i] = at < live ? masked[i] : 0;
    }
    return masked;
  }

  private Tensor conv(String name, Tensor in, long top, long side) {
    return torch.conv2d(
        in,
        weights.get(name + ".weight"),
        new TensorOptional(weights.get(name + ".bias")),
        new long[] {1, 1},
        new long[] {top, side},
        new long[] {1, 1},
        1);
  }

  private Tensor gate(Tensor in) {
    long p = config.channels();
    return in.narrow(1, 0, p).tanh().mul(in.narrow(1, p, p).sigmoid());
  }

  private Tensor logits(Tensor image) {
    Tensor v = image;
    Tensor h = image;
    for (int i = 0; i < config.layers(); i++) {
      String layer = "layer" + i + ".";
      long half = kernel(layer) / 2;
      Tensor a = conv(layer + "vertical", v, half, half);
      Tensor b = conv(layer + "horizontal", h, 0, half).add(conv(layer + "across", a, 0, 0));
      Tensor out = conv(layer + "out", gate(b), 0, 0);
      h = i == 0 ? out : h.add(out);
      v = i + 1 == config.layers() ? null : gate(a);
    }
    return conv("last", conv("head", h.relu(), 0, 0).relu(), 0, 0);
  }

  private void drawNext() {
    try (PointerScope local = new PointerScope()) {
      long i = pixel / config.image().width();
      long j = pixel % config.image().width();
      Tensor own = logits(x).narrow(2, i, 1).narrow(3, j, 1).sigmoid();
      Tensor drawn = torch.rand_like(own).lt(own).to(own.scalar_type());
      x.narrow(2, i, 1).narrow(3, j, 1).copy_(drawn.mul(new Scalar(2f)).sub(new Scalar(1f)));
      pixel = (pixel + 1) % config.image().pixels();
    }
  }

  /** Log-likelihood of each of some images of 0 and 1. */
  public double[] logLikelihood(float[] images) {
    int entries = config.image().pixels();
    int n = images.length / entries;
    try (PointerScope local = new PointerScope()) {
      float[] values = new float[images.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = 2 * images[i] - 1;
      }
      Tensor in = Torch.of(values, n, 1, config.image().height(), config.image().width());
      float[] logits = Torch.toArray(logits(in).contiguous());
      double[] nats = new double[n];
      for (int i = 0; i < logits.length; i++) {
        double signed = values[i] * logits[i];
        nats[i / entries] -= Math.log1p(Math.exp(-Math.abs(signed))) + Math.max(-signed, 0);
      }
      return nats;
    }
  }

  /** A unit of work is a pixel of all images. */
  public Peer peer(String name) {
    return new Peer(name, List.of(new Contender("pass per pixel", this::drawNext)));
  }

  @Override
  public void close() {
    List<Tensor> all = new ArrayList<>(weights.values());
    all.add(x);
    Torch.close(all.toArray(new Tensor[0]));
  }
}
