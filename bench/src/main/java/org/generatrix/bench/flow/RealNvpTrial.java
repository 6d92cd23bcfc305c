// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.flow;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.generatrix.autograd.Couplings;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.Trial;
import org.generatrix.bench.Verify;
import org.generatrix.bench.Work;
import org.generatrix.bench.peer.Torch;
import org.generatrix.bench.peer.TorchRealNvp;
import org.generatrix.binding.Device;
import org.generatrix.binding.Rng;
import org.generatrix.model.autoregressive.ImageShape;
import org.generatrix.model.flow.FlowTraining;
import org.generatrix.model.flow.FlowTrainingConfig;
import org.generatrix.model.flow.RealNvp;
import org.generatrix.model.flow.RealNvpConfig;
import org.generatrix.optim.Decay;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/** Updates on noise in the place of pictures, by the public trainer and by libtorch. */
final class RealNvpTrial implements Trial {
  private static final long SEED = 47;
  private static final int BATCH = 32;
  private static final int SIDE = 32;
  private static final int CHECKED = 4; // examples
  private static final double RATE = 1e-3;

  /** Four residual blocks, as the paper has them for pictures of this size. */
  static final RealNvpConfig CONFIG = RealNvpConfig.of(new ImageShape(3, SIDE, SIDE, 256), 32, 4);

  private final Scope scope = new Scope();
  private final Device device;
  private final RealNvp model;
  private final FlowTraining training;
  private final TorchRealNvp torch;
  private final org.bytedeco.pytorch.Tensor pictures;

  RealNvpTrial(int threads) {
    device = scope.own(Device.cpu(threads));
    model = scope.own(RealNvp.create(device, CONFIG, SEED));
    disturb(model, 0.01);
    Tensor data = scope.own(Tensor.uniform(device, new Rng(SEED, 1), BATCH, model.units()));
    training =
        scope.own(
            new FlowTraining(
                model,
                data,
                new FlowTrainingConfig(1_000_000, BATCH, RATE, Decay.CONSTANT, 0, 0, 0, 0, SEED)));
    Torch.setThreads(threads);
    Map<String, float[]> values = new LinkedHashMap<>();
    Map<String, long[]> shapes = new LinkedHashMap<>();
    model
        .state()
        .forEach(
            (name, tensor) -> {
              values.put(name.substring(name.indexOf('.') + 1), tensor.toArray());
              shapes.put(name.substring(name.indexOf('.') + 1), tensor.shape());
            });
    torch = scope.own(new TorchRealNvp(values, shapes, CONFIG, RATE));
    pictures = Torch.of(data.toArray(), BATCH, 3, SIDE, SIDE);
  }

  /** The last layers begin at 0, which would leave little to verify. */
  static void disturb(RealNvp model, double by) {
    Random random = new Random(SEED);
    model
        .parameters()
        .forEach(
            (name, tensor) -> {
              if (name.endsWith("last.1.weight")) {
                float[] values = tensor.toArray();
                for (int i = 0; i < values.length; i++) {
                  values[i] = (float) (by * random.nextGaussian());
                }
                tensor.copyFrom(values);
              }
            });
  }

  @Override
  public Contender ours() {
    return new Contender("FlowTraining", training::step);
  }

  @Override
  public List<Peer> peers() {
    return List.of(torch.peer(Torch.name(device.threads()), pictures));
  }

  /** Of the convolutions: forward and for both gradients. */
  @Override
  public Work work() {
    return Work.flops(3 * 2 * BATCH * multiplyAdds());
  }

  /** Of the convolutions for an example. */
  static double multiplyAdds() {
    double sum = 0;
    int channels = CONFIG.image().channels();
    double pixels = CONFIG.image().pixels();
    int width = CONFIG.channels();
    for (int i = 0; i + 1 < CONFIG.scales(); i++) {
      sum += 3 * network(channels + 1, width, 2 * channels, pixels);
      sum += 3 * network(2 * channels, 2 * width, 4 * channels, pixels / 4);
      channels *= 2;
      width *= 2;
      pixels /= 4;
    }
    return sum + 4 * network(channels + 1, width, 2 * channels, pixels);
  }

  private static double network(double in, double width, double out, double pixels) {
    double blocks = CONFIG.blocks();
    return pixels * width * (9 * in + 18 * blocks * width + (blocks + 1) * width + out);
  }

  /** From the same weights and pictures, the same log-densities, by the batch's statistics. */
  @Override
  public void verify() {
    int units = model.units();
    double low = CONFIG.low();
    double high = CONFIG.high();
    try (Tensor u = Tensor.uniform(device, new Rng(SEED, 2), CHECKED, units);
        RealNvp copy = RealNvp.create(device, CONFIG, SEED);
        Tape tape = Tape.training(device, SEED, 0)) {
      copy.copyFrom(model); // as it moves its statistics
      Mapped x = Couplings.logit(tape.constant(u), null, low, high);
      Var pictures = x.value().reshape(CHECKED, 3, SIDE, SIDE);
      Var ours = copy.transform().forwardUnder(copy.base(), pictures, x.logDet(), null).logDet();
      float[] theirs = torch.forward(u.toArray(), CHECKED, 3, SIDE, SIDE);
      Verify.close("log p", toFloats(ours.value().toDoubleArray()), theirs, 1e-5 * units);
    }
  }

  private static float[] toFloats(double... values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  @Override
  public void close() {
    Torch.close(pictures);
    scope.close();
  }
}
