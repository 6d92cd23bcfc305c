// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoencoder;

import static org.generatrix.autograd.Functions.normal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.BiFunction;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.model.Encoder;
import org.generatrix.model.ModelFile;
import org.generatrix.model.RowParts;
import org.generatrix.model.Sampler;
import org.generatrix.nn.Module;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * An encoder of rows to codes and a decoder of codes to rows, whatever their networks. Samples come
 * from a Gaussian with a diagonal covariance fitted to the codes of the training data, as in the
 * autoencoder lecture of EE-559: a simple density model of the code, which is the baseline that a
 * variational autoencoder is to beat.
 *
 * <p>Several threads may use one model while nobody trains it.
 */
public abstract class CodeModel extends Module implements Encoder, Sampler {
  private final Device device;
  private final long visible;
  private final long code;
  private final int rowsAtOnce;
  private final Tensor codeMean; // [code], of the training data
  private final Tensor codeStd; // [code]

  /**
   * @param visible units of an example
   * @param code units of its code
   * @param rowsAtOnce as the caches like it
   */
  CodeModel(Device device, long visible, long code, int rowsAtOnce) {
    this.device = device;
    this.visible = visible;
    this.code = code;
    this.rowsAtOnce = rowsAtOnce;
    codeMean = buffer("code_mean", Tensor.zeros(device, code));
    codeStd = buffer("code_std", Tensor.ones(device, code));
  }

  /** The kind of a model file that holds one. */
  public abstract String kind();

  /** The shape of the network. */
  public abstract Record config();

  public final void save(Path path) throws IOException {
    ModelFile.Writer file = ModelFile.writer(kind(), config());
    write(file);
    file.save(path);
  }

  public final Device device() {
    return device;
  }

  /** Units of an example. */
  public final long visible() {
    return visible;
  }

  /** Units of its code. */
  public final long code() {
    return code;
  }

  // --- On a tape ------------------------------------------------------------------------------

  /** Rows of data, float or bits [n, visible], as this model takes them. */
  public final Var input(Tape tape, Tensor x) {
    if (x.shape().length != 2 || x.units() != visible) {
      throw new IllegalArgumentException(
          "expected rows of %d units, got %s".formatted(visible, x.describe()));
    }
    return tape.constant(x.dtype() == DType.FLOAT32 ? x : tape.own(x.toFloats()));
  }

  /** x [n, visible] to codes [n, code]. */
  public abstract Var encode(Var x);

  /** Codes [n, code] to reconstructions [n, visible]. */
  public abstract Var decode(Var codes);

  /** The loss of each example, [n]. */
  public abstract Var loss(Var x);

  // --- What users ask of it -------------------------------------------------------------------

  @Override
  public final Tensor encode(Tensor x) {
    return map(x, code, (tape, some) -> encode(input(tape, some)));
  }

  /** Reconstructions [n, visible] of codes [n, code]; the caller closes them. */
  public final Tensor decode(Tensor codes) {
    if (codes.shape().length != 2 || codes.units() != code) {
      throw new IllegalArgumentException(
          "expected codes of %d units, got %s".formatted(code, codes.describe()));
    }
    return map(codes, visible, (tape, some) -> decode(tape.constant(some)));
  }

  /** Reconstructions [n, visible] of rows [n, visible]; the caller closes them. */
  public final Tensor reconstruct(Tensor x) {
    return map(x, visible, (tape, some) -> decode(encode(input(tape, some))));
  }

  /** The loss of each row. */
  public final double[] losses(Tensor x) {
    try (Tensor losses = map(x, 1, (tape, some) -> loss(input(tape, some)))) {
      return losses.toDoubleArray();
    }
  }

  private Tensor map(Tensor x, long units, BiFunction<Tape, Tensor, Var> f) {
    return RowParts.map(
        x,
        rowsAtOnce,
        units,
        some -> {
          try (Tape tape = Tape.inference(device)) {
            return tape.take(f.apply(tape, some));
          }
        });
  }

  /** Fits the Gaussian that {@link #sample} draws codes from: mean and deviation of each unit. */
  public final void fitCodes(Tensor data) {
    int units = Math.toIntExact(code);
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
  public final Tensor sample(int n, long seed) {
    if (n < 1) {
      throw new IllegalArgumentException("n must be at least 1, got " + n);
    }
    Tensor codes;
    try (Tape tape = Tape.inference(device, seed, 0)) {
      Var noise = normal(tape, n, code);
      codes = tape.take(noise.mul(tape.constant(codeStd)).add(tape.constant(codeMean)));
    }
    try (codes) {
      return decode(codes);
    }
  }
}
