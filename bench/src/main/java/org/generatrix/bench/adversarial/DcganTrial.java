// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.adversarial;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.Trial;
import org.generatrix.bench.Verify;
import org.generatrix.bench.Work;
import org.generatrix.bench.peer.Torch;
import org.generatrix.bench.peer.TorchDcgan;
import org.generatrix.binding.Device;
import org.generatrix.binding.Rng;
import org.generatrix.model.adversarial.AdversarialLoss;
import org.generatrix.model.adversarial.Dcgan;
import org.generatrix.model.adversarial.DcganConfig;
import org.generatrix.model.adversarial.GanTraining;
import org.generatrix.model.adversarial.GanTrainingConfig;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/** Steps of both networks on noise in the place of pictures, by the public trainer and libtorch. */
final class DcganTrial implements Trial {
  private static final long SEED = 46;
  private static final int BATCH = 64;
  private static final int SIDE = 32;
  private static final int LATENTS = 100;
  private static final int WIDTH = 64;
  private static final double RATE = 2e-4;
  private static final double BETA1 = 0.5;

  private final Scope scope = new Scope();
  private final Device device;
  private final Dcgan gan;
  private final GanTraining training;
  private final TorchDcgan torch;
  private final org.bytedeco.pytorch.Tensor pictures;

  DcganTrial(int threads) {
    device = scope.own(Device.cpu(threads));
    gan =
        scope.own(
            Dcgan.create(device, new DcganConfig(3, SIDE, SIDE, LATENTS, WIDTH, WIDTH), SEED));
    Tensor data = scope.own(Tensor.uniform(device, new Rng(SEED, 1), BATCH, gan.visible()));
    training =
        scope.own(
            new GanTraining(
                gan,
                data,
                new GanTrainingConfig(
                    1_000_000, BATCH, AdversarialLoss.NON_SATURATING, RATE, BETA1, 1, 0, 0, SEED)));
    Torch.setThreads(threads);
    Map<String, float[]> values = new LinkedHashMap<>();
    Map<String, long[]> shapes = new LinkedHashMap<>();
    gan.state()
        .forEach(
            (name, tensor) -> {
              values.put(name, tensor.toArray());
              shapes.put(name, tensor.shape());
            });
    torch = scope.own(new TorchDcgan(values, shapes, 3, LATENTS, RATE, BETA1));
    pictures = Torch.of(data.toArray(), BATCH, 3, SIDE, SIDE);
  }

  @Override
  public Contender ours() {
    return new Contender("GanTraining", training::step);
  }

  @Override
  public List<Peer> peers() {
    return List.of(torch.peer(Torch.name(device.threads()), pictures));
  }

  /**
   * Of the convolutions: the generator forward and for both gradients, the discriminator so for
   * data and for fakes, and once more forward and for the gradient of its input.
   */
  @Override
  public Work work() {
    double generator = LATENTS * 256.0 * 16; // multiply-adds of an example
    double discriminator = 256.0 * 16;
    int[] widths = {256, 128, 64, 3};
    for (int i = 0; i < 3; i++) {
      double layer = 16.0 * widths[i] * widths[i + 1] * (16 << 2 * i);
      generator += layer;
      discriminator += layer;
    }
    return Work.flops(2 * BATCH * (3 * generator + 8 * discriminator));
  }

  /** From the same weights and codes, the same pictures and log-odds. */
  @Override
  public void verify() {
    try (Tensor z = Tensor.normal(device, new Rng(SEED, 2), BATCH, LATENTS);
        Tape tape = Tape.training(device, SEED, 0)) {
      Var fakes = gan.generate(tape.constant(z));
      float[][] theirs = torch.forward(z.toArray());
      Verify.close("G(z)", fakes.value().toArray(), theirs[0], 1e-4);
      Verify.close("D(G(z))", gan.discriminate(fakes).value().toArray(), theirs[1], 1e-3);
    }
  }

  @Override
  public void close() {
    Torch.close(pictures);
    scope.close();
  }
}
