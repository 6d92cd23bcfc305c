// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import static org.bytedeco.pytorch.global.torch.batch_norm;
import static org.bytedeco.pytorch.global.torch.binary_cross_entropy_with_logits;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.conv_transpose2d;
import static org.bytedeco.pytorch.global.torch.leaky_relu;
import static org.bytedeco.pytorch.global.torch.ones_like;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.zeros_like;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;

/**
 * A training step of a DCGAN in eager libtorch, as its users write it: both networks of Radford et
 * al. (2016), autograd, torch::optim::Adam for each; the discriminator's update on a batch of data
 * and one of fakes, then the generator's on the same fakes.
 */
public final class TorchDcgan implements AutoCloseable {
  private static final long[] ONE = {1, 1};
  private static final long[] TWO = {2, 2};
  private static final long[] NONE = {0, 0};

  private final int doublings;
  private final int latents;
  private final Map<String, Tensor> state = new HashMap<>();
  private final TensorVector generator = new TensorVector();
  private final TensorVector discriminator = new TensorVector();
  private final Adam generatorAdam;
  private final Adam discriminatorAdam;

  /**
   * @param values of our model's state by name, so that both start alike
   * @param shapes of each
   * @param doublings of the side from 4
   */
  public TorchDcgan(
      Map<String, float[]> values,
      Map<String, long[]> shapes,
      int doublings,
      int latents,
      double rate,
      double beta1) {
    this.doublings = doublings;
    this.latents = latents;
    values.forEach(
        (name, x) -> {
          Tensor tensor = Torch.of(x, shapes.get(name)).clone();
          state.put(name, tensor);
          if (!name.contains("running")) {
            tensor.set_requires_grad(true);
            (name.startsWith("generator.") ? generator : discriminator).push_back(tensor);
          }
        });
    generatorAdam = adam(generator, rate, beta1);
    discriminatorAdam = adam(discriminator, rate, beta1);
  }

  private static Adam adam(TensorVector parameters, double rate, double beta1) {
    AdamOptions options = new AdamOptions(rate);
    options.betas().put(beta1, 0.999);
    return new Adam(parameters, options);
  }

  private TensorOptional optional(String name) {
    Tensor tensor = state.get(name);
    return tensor == null ? new TensorOptional() : new TensorOptional(tensor);
  }

  private Tensor norm(Tensor x, String name) {
    return batch_norm(
        x,
        optional(name + ".weight"),
        optional(name + ".bias"),
        optional(name + ".running_mean"),
        optional(name + ".running_var"),
        true,
        0.1,
        1e-5,
        false);
  }

  private Tensor generate(Tensor z) {
    Tensor x = z.reshape(z.size(0), latents, 1, 1);
    for (int i = 0; i <= doublings; i++) {
      String name = "generator.main." + 2 * i;
      x =
          conv_transpose2d(
              x,
              state.get(name + ".weight"),
              optional(name + ".bias"),
              i == 0 ? ONE : TWO,
              i == 0 ? NONE : ONE,
              NONE,
              1,
              ONE);
      x = i < doublings ? norm(x, "generator.main." + (2 * i + 1)).relu_() : x.tanh();
    }
    return x;
  }

  private Tensor discriminate(Tensor x) {
    int at = 0;
    for (int i = 0; i <= doublings; i++) {
      String name = "discriminator.main." + at++;
      boolean last = i == doublings;
      x =
          conv2d(
              x,
              state.get(name + ".weight"),
              optional(name + ".bias"),
              last ? ONE : TWO,
              last ? NONE : ONE,
              ONE,
              1);
      if (!last) {
        x = i > 0 ? norm(x, "discriminator.main." + at++) : x;
        x = leaky_relu(x, new Scalar(0.2f));
        at++;
      }
    }
    return x.reshape(x.size(0));
  }

  /** G(z) and D of it, both as in training. */
  public float[][] forward(float[] z) {
    try (PointerScope local = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor x = generate(Torch.of(z, z.length / latents, latents));
      return new float[][] {
        Torch.toArray(x.contiguous()), Torch.toArray(discriminate(x).contiguous())
      };
    }
  }

  /** A step on pictures in [0, 1]. */
  public void step(Tensor pictures) {
    try (PointerScope step = new PointerScope()) {
      Tensor x = pictures.mul(new Scalar(2f)).sub(new Scalar(1f));
      Tensor fakes = generate(randn(new long[] {x.size(0), latents}));
      discriminatorAdam.zero_grad();
      Tensor onData = discriminate(x);
      Tensor onFakes = discriminate(fakes.detach());
      binary_cross_entropy_with_logits(onData, ones_like(onData))
          .add(binary_cross_entropy_with_logits(onFakes, zeros_like(onFakes)))
          .backward();
      discriminatorAdam.step();
      generatorAdam.zero_grad();
      Tensor against = discriminate(fakes);
      binary_cross_entropy_with_logits(against, ones_like(against)).backward();
      generatorAdam.step();
    }
  }

  public Peer peer(String name, Tensor pictures) {
    return new Peer(name, new Contender("eager", () -> step(pictures)));
  }

  @Override
  public void close() {
    generatorAdam.close();
    discriminatorAdam.close();
    generator.close();
    discriminator.close();
    state.values().forEach(Tensor::close);
  }
}
