// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoencoder;

import static org.generatrix.autograd.Functions.bernoulliLogLikelihood;
import static org.generatrix.autograd.Functions.sigmoid;
import static org.generatrix.autograd.Functions.square;

import java.io.IOException;
import java.nio.file.Path;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.model.LayerSizes;
import org.generatrix.model.ModelFile;
import org.generatrix.model.autoencoder.AutoencoderConfig.Output;
import org.generatrix.nn.Linear;
import org.generatrix.nn.Mlp;

/**
 * A multilayer perceptron that reproduces its input through a narrow code.
 *
 * <pre>
 * code c = f(x)              hidden layers, then a linear one
 * reconstruction r = g(c)    the same sizes backwards, the output linear or a sigmoid
 * loss = sum_i (x_i - r_i)^2,  or for a sigmoid the cross-entropy of x_i and r_i
 * </pre>
 *
 * <p>Without hidden layers and with a linear output its optimum is principal component analysis
 * (Bourlard and Kamp 1988; Baldi and Hornik 1989).
 *
 * <p>Rumelhart, Hinton, Williams 1986; Hinton and Salakhutdinov, "Reducing the dimensionality of
 * data with neural networks", 2006.
 *
 * <pre>{@code
 * AutoencoderConfig config = new AutoencoderConfig(784, "400-200", 16, Nonlinearity.RELU, Output.SIGMOID);
 * try (Autoencoder model = Autoencoder.create(device, config, 1);
 *     AutoencoderTraining training =
 *         new AutoencoderTraining(model, data, AutoencoderTrainingConfig.of(10))) {
 *   new Trainer(training).fit();
 *   Tensor codes = model.encode(data);
 * }
 * }</pre>
 */
public final class Autoencoder extends CodeModel {
  /** The kind of a model file that holds one. */
  public static final String KIND = "autoencoder";

  private static final int ROWS = 2000; // at a time: what the caches like

  private final AutoencoderConfig config;
  private final Mlp encoder;
  private final Linear code;
  private final Mlp decoder;
  private final Linear output;

  private Autoencoder(Device device, AutoencoderConfig config) {
    super(device, config.visible(), config.code(), ROWS);
    this.config = config;
    long[] sizes = config.hiddenSizes();
    encoder = child("encoder", new Mlp(device, config.visible(), config.activation(), sizes));
    code = child("code", new Linear(device, encoder.outputs(), config.code()));
    decoder =
        child(
            "decoder",
            new Mlp(device, config.code(), config.activation(), LayerSizes.reversed(sizes)));
    output = child("output", new Linear(device, decoder.outputs(), config.visible()));
  }

  /** A model to train. */
  public static Autoencoder create(Device device, AutoencoderConfig config, long seed) {
    Autoencoder model = new Autoencoder(device, config);
    model.initialise(seed);
    return model;
  }

  public static Autoencoder load(Path path, Device device) throws IOException {
    try (ModelFile file = ModelFile.read(path, KIND)) {
      Autoencoder model = new Autoencoder(device, file.config(AutoencoderConfig.class));
      model.read(file);
      return model;
    }
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public AutoencoderConfig config() {
    return config;
  }

  @Override
  public Var encode(Var x) {
    return code.apply(encoder.apply(x));
  }

  /** Codes [n, code] to reconstructions [n, visible], before a sigmoid. */
  private Var output(Var codes) {
    return output.apply(decoder.apply(codes));
  }

  @Override
  public Var decode(Var codes) {
    return config.output() == Output.SIGMOID ? sigmoid(output(codes)) : output(codes);
  }

  @Override
  public Var loss(Var x) {
    Var r = output(encode(x));
    return config.output() == Output.SIGMOID
        ? bernoulliLogLikelihood(r, x).neg()
        : square(x.sub(r)).sum(1);
  }
}
