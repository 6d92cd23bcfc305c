// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoencoder;

import static org.generatrix.autograd.Functions.square;

import java.io.IOException;
import java.nio.file.Path;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Device;
import org.generatrix.model.ModelFile;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.nn.Sequential;
import org.generatrix.nn.conv.Conv;
import org.generatrix.nn.conv.ConvTranspose;

/**
 * The convolutional autoencoder of EE-559 (Fleuret, "Deep learning", lecture 9.2 "Autoencoders"),
 * for pictures of 28 x 28 pixels, with the lecture's layers, channels c = 32 and codes of d = 2 to
 * 32 units.
 *
 * <pre>
 * encoder  conv 5  relu    1 x 28 x 28 to c x 24 x 24
 *          conv 5  relu                to c x 20 x 20
 *          conv 4, stride 2  relu      to c x 9 x 9
 *          conv 3, stride 2  relu      to c x 4 x 4
 *          conv 4                      to d x 1 x 1
 * decoder  the same backwards with transposed convolutions, none of them padded
 * loss     sum_i (x_i - r_i)^2
 * </pre>
 *
 * <pre>{@code
 * try (ConvAutoencoder model = ConvAutoencoder.create(device, ConvAutoencoderConfig.of(8), 1);
 *     AutoencoderTraining training =
 *         new AutoencoderTraining(model, data, AutoencoderTrainingConfig.of(25))) {
 *   new Trainer(training).fit();
 *   Tensor codes = model.encode(data); // [n, 8]
 * }
 * }</pre>
 */
public final class ConvAutoencoder extends CodeModel {
  /** The kind of a model file that holds one. */
  public static final String KIND = "conv-autoencoder";

  /** Pixels across a picture. */
  public static final int SIDE = 28;

  private static final int ROWS = 100; // at a time: 28 MB of activations

  private final ConvAutoencoderConfig config;
  private final Sequential encoder;
  private final Sequential decoder;

  private ConvAutoencoder(Device device, ConvAutoencoderConfig config) {
    super(device, SIDE * SIDE, config.code(), ROWS);
    this.config = config;
    long c = config.channels();
    long d = config.code();
    Window five = Window.of(5, 5);
    Window four = Window.of(4, 4);
    Window three = Window.of(3, 3);
    encoder =
        child(
            "encoder",
            new Sequential(
                new Conv(device, 1, c, five),
                Nonlinearity.RELU,
                new Conv(device, c, c, five),
                Nonlinearity.RELU,
                new Conv(device, c, c, four.stride(2)),
                Nonlinearity.RELU,
                new Conv(device, c, c, three.stride(2)),
                Nonlinearity.RELU,
                new Conv(device, c, d, four)));
    decoder =
        child(
            "decoder",
            new Sequential(
                new ConvTranspose(device, d, c, four),
                Nonlinearity.RELU,
                new ConvTranspose(device, c, c, three.stride(2)),
                Nonlinearity.RELU,
                new ConvTranspose(device, c, c, four.stride(2)),
                Nonlinearity.RELU,
                new ConvTranspose(device, c, c, five),
                Nonlinearity.RELU,
                new ConvTranspose(device, c, 1, five)));
  }

  /** A model to train. */
  public static ConvAutoencoder create(Device device, ConvAutoencoderConfig config, long seed) {
    ConvAutoencoder model = new ConvAutoencoder(device, config);
    model.initialise(seed);
    return model;
  }

  public static ConvAutoencoder load(Path path, Device device) throws IOException {
    try (ModelFile file = ModelFile.read(path, KIND)) {
      ConvAutoencoder model = new ConvAutoencoder(device, file.config(ConvAutoencoderConfig.class));
      try {
        model.read(file);
        return model;
      } catch (RuntimeException | IOException e) {
        model.close();
        throw e;
      }
    }
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public ConvAutoencoderConfig config() {
    return config;
  }

  @Override
  public Var encode(Var x) {
    return encoder.apply(x.reshape(-1, 1, SIDE, SIDE)).reshape(-1, config.code());
  }

  @Override
  public Var decode(Var codes) {
    return decoder.apply(codes.reshape(-1, config.code(), 1, 1)).reshape(-1, SIDE * SIDE);
  }

  @Override
  public Var loss(Var x) {
    return square(x.sub(decode(encode(x)))).sum(1);
  }
}
