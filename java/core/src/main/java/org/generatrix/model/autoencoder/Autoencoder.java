// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoencoder;

import static org.generatrix.autograd.Functions.bernoulliLogLikelihood;
import static org.generatrix.autograd.Functions.normal;
import static org.generatrix.autograd.Functions.sigmoid;
import static org.generatrix.autograd.Functions.square;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.BiFunction;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.model.Encoder;
import org.generatrix.model.LayerSizes;
import org.generatrix.model.ModelFile;
import org.generatrix.model.RowParts;
import org.generatrix.model.Sampler;
import org.generatrix.model.autoencoder.AutoencoderConfig.Output;
import org.generatrix.nn.Linear;
import org.generatrix.nn.Mlp;
import org.generatrix.nn.Module;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

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
 * (Bourlard and Kamp 1988; Baldi and Hornik 1989). Samples come from a Gaussian with a diagonal
 * covariance fitted to the codes of the training data, as in EE-559, lecture 7: a simple density
 * model of the code, which makes this the baseline that a variational autoencoder is to beat.
 *
 * <p>Rumelhart, Hinton, Williams 1986; Hinton and Salakhutdinov, "Reducing the dimensionality of
 * data with neural networks", 2006. Several threads may use one model while nobody trains it.
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
public final class Autoencoder extends Module implements Encoder, Sampler {
  /** The kind of a model file that holds one. */
  public static final String KIND = "autoencoder";

  private static final int ROWS = 2000; // at a time: what the caches like

  private final Device device;
  private final AutoencoderConfig config;
  private final Mlp encoder;
  private final Linear code;
  private final Mlp decoder;
  private final Linear output;
  private final Tensor codeMean; // [code], of the training data
  private final Tensor codeStd; // [code]

  private Autoencoder(Device device, AutoencoderConfig config) {
    this.device = device;
    this.config = config;
    long[] sizes = config.hiddenSizes();
    encoder = child("encoder", new Mlp(device, config.visible(), config.activation(), sizes));
    code = child("code", new Linear(device, encoder.outputs(), config.code()));
    decoder =
        child(
            "decoder",
            new Mlp(device, config.code(), config.activation(), LayerSizes.reversed(sizes)));
    output = child("output", new Linear(device, decoder.outputs(), config.visible()));
    codeMean = buffer("code_mean", Tensor.zeros(device, config.code()));
    codeStd = buffer("code_std", Tensor.ones(device, config.code()));
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

  public void save(Path path) throws IOException {
    ModelFile.Writer file = ModelFile.writer(KIND, config);
    write(file);
    file.save(path);
  }

  public AutoencoderConfig config() {
    return config;
  }

  public Device device() {
    return device;
  }

  // --- On a tape ------------------------------------------------------------------------------

  /** Rows of data, float or bits [n, visible], as this model takes them. */
  public Var input(Tape tape, Tensor x) {
    if (x.shape().length != 2 || x.units() != config.visible()) {
      throw new IllegalArgumentException(
          "expected rows of %d units, got %s".formatted(config.visible(), x));
    }
    return tape.constant(x.dtype() == DType.FLOAT32 ? x : tape.own(x.toFloats()));
  }

  /** x [n, visible] to codes [n, code]. */
  public Var encode(Var x) {
    return code.apply(encoder.apply(x));
  }

  /** Codes [n, code] to reconstructions [n, visible], before a sigmoid. */
  private Var output(Var codes) {
    return output.apply(decoder.apply(codes));
  }

  /** Codes [n, code] to reconstructions [n, visible]. */
  public Var decode(Var codes) {
    return config.output() == Output.SIGMOID ? sigmoid(output(codes)) : output(codes);
  }

  /** The loss of each example, [n]. */
  public Var loss(Var x) {
    Var r = output(encode(x));
    return config.output() == Output.SIGMOID
        ? bernoulliLogLikelihood(r, x).neg()
        : square(x.sub(r)).sum(1);
  }

  // --- What users ask of it -------------------------------------------------------------------

  @Override
  public Tensor encode(Tensor x) {
    return map(x, config.code(), (tape, some) -> encode(input(tape, some)));
  }

  /** Reconstructions [n, visible] of codes [n, code]; the caller closes them. */
  public Tensor decode(Tensor codes) {
    if (codes.shape().length != 2 || codes.units() != config.code()) {
      throw new IllegalArgumentException(
          "expected codes of %d units, got %s".formatted(config.code(), codes));
    }
    return map(codes, config.visible(), (tape, some) -> decode(tape.constant(some)));
  }

  /** Reconstructions [n, visible] of rows [n, visible]; the caller closes them. */
  public Tensor reconstruct(Tensor x) {
    return map(x, config.visible(), (tape, some) -> decode(encode(input(tape, some))));
  }

  /** The loss of each row. */
  public double[] losses(Tensor x) {
    try (Tensor losses = map(x, 1, (tape, some) -> loss(input(tape, some)))) {
      return losses.toDoubleArray();
    }
  }

  private Tensor map(Tensor x, long units, BiFunction<Tape, Tensor, Var> f) {
    return RowParts.map(
        x,
        ROWS,
        units,
        some -> {
          try (Tape tape = Tape.inference(device)) {
            return tape.take(f.apply(tape, some));
          }
        });
  }

  /** Fits the Gaussian that {@link #sample} draws codes from: mean and deviation of each unit. */
  public void fitCodes(Tensor data) {
    int units = Math.toIntExact(config.code());
    double[] mean = new double[units];
    double[] square = new double[units];
    float[] codes;
    try (Tensor encoded = encode(data)) {
      codes = encoded.toArray();
    }
    double n = data.rows();
    for (int i = 0; i < codes.length; i++) {
      mean[i % units] += codes[i] / n;
    }
    for (int i = 0; i < codes.length; i++) {
      double d = codes[i] - mean[i % units];
      square[i % units] += d * d / n;
    }
    codeMean.copyFrom(mean);
    codeStd.copyFrom(Arrays.stream(square).map(Math::sqrt).toArray());
  }

  /**
   * Reconstructions of codes drawn from the Gaussian that {@link #fitCodes} fitted, standard before
   * that.
   */
  @Override
  public Tensor sample(int n, long seed) {
    if (n < 1) {
      throw new IllegalArgumentException("n must be at least 1, got " + n);
    }
    try (Tape tape = Tape.inference(device, seed, 0)) {
      Var noise = normal(tape, n, config.code());
      Var codes = noise.mul(tape.constant(codeStd)).add(tape.constant(codeMean));
      return tape.take(decode(codes));
    }
  }
}
