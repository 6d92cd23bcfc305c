// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import static org.bytedeco.pytorch.global.torch.arange;
import static org.bytedeco.pytorch.global.torch.batch_norm;
import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.pixel_unshuffle;
import static org.bytedeco.pytorch.global.torch.rand_like;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.model.flow.RealNvpConfig;

/**
 * A training step of a RealNVP in eager libtorch, as its users write it: masks as tensors that are
 * multiplied by, couplings and their log-determinants as elementwise operations, autograd,
 * torch::optim::Adam. The network is that of our model with batch norm, by the names of its state.
 */
public final class TorchRealNvp implements AutoCloseable {
  private static final long[] ONE = {1, 1};
  private static final long[] ALL_BUT_FIRST = {1, 2, 3};
  private static final long[] ALL_BUT_CHANNELS = {0, 2, 3};
  private static final double EPSILON = 1e-4;
  private static final double RHO = 0.9;
  private static final double LOG_2_PI = Math.log(2 * Math.PI);

  private final int blocks;
  private final int scales;
  private final double low;
  private final double high;
  private final int levels;
  private final Map<String, Tensor> state = new HashMap<>();
  private final TensorVector parameters = new TensorVector();
  private final Adam adam;

  /** A value on its way and the log-density so far, [n]. */
  private record At(Tensor x, Tensor logDensity) {}

  /**
   * @param values of our model's state by name, without what stands before "scale0"
   * @param shapes of each
   */
  public TorchRealNvp(
      Map<String, float[]> values, Map<String, long[]> shapes, RealNvpConfig config, double rate) {
    blocks = config.blocks();
    scales = config.scales();
    low = config.low();
    high = config.high();
    levels = config.image().levels();
    values.forEach(
        (name, x) -> {
          Tensor tensor = Torch.of(x, shapes.get(name)).clone();
          state.put(name, tensor);
          if (!name.contains("running")) {
            tensor.set_requires_grad(true);
            parameters.push_back(tensor);
          }
        });
    adam = new Adam(parameters, new AdamOptions(rate));
  }

  // --- The networks ---------------------------------------------------------------------------

  private TensorOptional optional(String name) {
    Tensor tensor = state.get(name);
    return tensor == null ? new TensorOptional() : new TensorOptional(tensor);
  }

  private Tensor conv(String name, Tensor x, long padding) {
    long[] pad = {padding, padding};
    return conv2d(x, state.get(name + ".weight"), optional(name + ".bias"), ONE, pad, ONE, 1);
  }

  private Tensor normRelu(String name, Tensor x) {
    return batch_norm(
            x,
            optional(name + ".weight"),
            optional(name + ".bias"),
            optional(name + ".running_mean"),
            optional(name + ".running_var"),
            true,
            0.1,
            EPSILON,
            false)
        .relu_();
  }

  private Tensor network(String name, Tensor x) {
    Tensor h = conv(name + ".first.0", x, 1);
    Tensor r = conv(name + ".skip.0", h, 0);
    for (int i = 0; i < blocks; i++) {
      String block = name + ".block" + i;
      Tensor inner = conv(block + ".1", normRelu(block + ".0", h), 1);
      h = h.add(conv(block + ".3", normRelu(block + ".2", inner), 1));
      r = r.add(conv(name + ".skip" + i + ".0", h, 0));
    }
    return conv(name + ".last.1", normRelu(name + ".last.0", r), 0);
  }

  // --- The flow -------------------------------------------------------------------------------

  /** 1 where (i + j) mod 2 = parity, [1, 1, height, width]. */
  private static Tensor changed(Tensor x, int parity) {
    Tensor rows = arange(new Scalar(x.size(2))).reshape(-1, 1);
    Tensor columns = arange(new Scalar(x.size(3))).reshape(1, -1);
    return rows.add(columns)
        .add(new Scalar(parity + 1))
        .remainder(new Scalar(2))
        .to(x.scalar_type())
        .reshape(1, 1, x.size(2), x.size(3));
  }

  private Tensor amplitude(String name) {
    return state.get(name + ".amplitude").reshape(1, -1, 1, 1);
  }

  private static Tensor sum(Tensor x) {
    return x.sum(ALL_BUT_FIRST, false, new ScalarTypeOptional());
  }

  private At checkerboard(String name, At at, int parity) {
    Tensor x = at.x;
    long c = x.size(1);
    Tensor m = changed(x, parity);
    Tensor b = m.neg().add(new Scalar(1));
    Tensor seen = cat(new TensorVector(x.mul(b), b.expand(x.size(0), 1, x.size(2), x.size(3))), 1);
    Tensor st = network(name + ".network", seen);
    Tensor l = st.narrow(1, 0, c).tanh().mul(amplitude(name)).mul(m);
    Tensor y = x.mul(l.exp()).add(st.narrow(1, c, c).mul(m));
    return new At(y, at.logDensity.add(sum(l)));
  }

  private At half(String name, At at, boolean first) {
    long half = at.x.size(1) / 2;
    Tensor changes = at.x.narrow(1, first ? 0 : half, half);
    Tensor kept = at.x.narrow(1, first ? half : 0, half);
    Tensor st = network(name + ".network", kept);
    Tensor a = amplitude(name).narrow(1, first ? 0 : half, half);
    Tensor l = st.narrow(1, 0, half).tanh().mul(a);
    Tensor y = changes.mul(l.exp()).add(st.narrow(1, half, half));
    Tensor whole = cat(first ? new TensorVector(y, kept) : new TensorVector(kept, y), 1);
    return new At(whole, at.logDensity.add(sum(l)));
  }

  private At norm(String name, At at) {
    Tensor m =
        mixed(name + ".running_mean", at.x.mean(ALL_BUT_CHANNELS, false, new ScalarTypeOptional()));
    Tensor v =
        mixed(name + ".running_var", at.x.var(ALL_BUT_CHANNELS, false, false))
            .add(new Scalar(EPSILON));
    Tensor y = at.x.sub(m.reshape(1, -1, 1, 1)).div(v.sqrt().reshape(1, -1, 1, 1));
    double positions = at.x.size(2) * at.x.size(3);
    return new At(y, at.logDensity.sub(v.log().sum().mul(new Scalar(positions / 2))));
  }

  private Tensor mixed(String name, Tensor batch) {
    Tensor running = state.get(name);
    Tensor now = running.mul(new Scalar(RHO)).add(batch.mul(new Scalar(1 - RHO)));
    running.copy_(now.detach());
    return now;
  }

  private static At under(At at, Tensor z) {
    Tensor density = sum(z.square().add(new Scalar(LOG_2_PI))).mul(new Scalar(-0.5));
    return new At(at.x, at.logDensity.add(density));
  }

  /** log p of logits x under the flow, [n]. */
  private Tensor logDensity(Tensor x, Tensor logDet) {
    At at = new At(x, logDet);
    for (int i = 0; i + 1 < scales; i++) {
      for (int k = 0; k < 3; k++) {
        String name = "scale" + i + ".checkerboards.";
        at = checkerboard(name + 2 * k, at, (k + 1) % 2);
        at = norm(name + (2 * k + 1), at);
      }
      at = new At(pixel_unshuffle(at.x, 2), at.logDensity);
      for (int k = 0; k < 3; k++) {
        String name = "scale" + i + ".halves.";
        at = half(name + 2 * k, at, k == 1);
        at = norm(name + (2 * k + 1), at);
      }
      long[] shape = {at.x.size(0), at.x.size(1) / 4, 4, at.x.size(2), at.x.size(3)};
      Tensor pixels = at.x.reshape(shape);
      long[] halved = {shape[0], 2 * shape[1], shape[3], shape[4]};
      Tensor on = cat(new TensorVector(pixels.select(2, 0), pixels.select(2, 3)), 1);
      Tensor out = cat(new TensorVector(pixels.select(2, 1), pixels.select(2, 2)), 1);
      at = new At(on.reshape(halved), under(at, out).logDensity);
    }
    for (int k = 0; k < 4; k++) {
      if (k > 0) {
        at = norm("last." + (2 * k - 1), at);
      }
      at = checkerboard("last." + 2 * k, at, (k + 1) % 2);
    }
    return under(at, at.x).logDensity;
  }

  /** Of u in [0, 1), by the logit. */
  private Tensor logDensity(Tensor u) {
    Tensor p = u.mul(new Scalar(high - low)).add(new Scalar(low));
    Tensor q = p.neg().log1p();
    Tensor logit = p.log().sub(q);
    Tensor logDet =
        sum(p.log().add(q))
            .neg()
            .add(new Scalar(Math.log(high - low) * u.size(1) * u.size(2) * u.size(3)));
    return logDensity(logit, logDet);
  }

  /** The log-density of each of some pictures u in [0, 1), as in training. */
  public float[] forward(float[] u, long... shape) {
    try (PointerScope local = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      return Torch.toArray(logDensity(Torch.of(u, shape)).contiguous());
    }
  }

  /** A step on pictures of intensities in [0, 1]. */
  public void step(Tensor pictures) {
    try (PointerScope step = new PointerScope()) {
      Tensor level = pictures.mul(new Scalar(levels - 1)).round();
      Tensor u = level.add(rand_like(level)).div(new Scalar(levels));
      adam.zero_grad();
      logDensity(u).mean().neg().backward();
      adam.step();
    }
  }

  public Peer peer(String name, Tensor pictures) {
    return new Peer(name, new Contender("eager", () -> step(pictures)));
  }

  @Override
  public void close() {
    adam.close();
    parameters.close();
    state.values().forEach(Tensor::close);
  }
}
