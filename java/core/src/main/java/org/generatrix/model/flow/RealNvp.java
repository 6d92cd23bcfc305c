// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import java.io.IOException;
import java.nio.file.Path;
import org.generatrix.autograd.op.Base;
import org.generatrix.binding.Device;
import org.generatrix.model.ModelFile;
import org.generatrix.tensor.DType;

/**
 * RealNVP: a density of pictures by affine couplings with residual networks at several scales,
 * under a normal base density.
 *
 * <pre>
 * u = (level + noise) / levels                  noise uniform in [0, 1)
 * x = logit(low + (high - low) u)               [n, channels, height, width]
 * each scale but the last:
 *   3 couplings of checkerboards, squeeze, 3 couplings of channels, half of the numbers leaves
 * 4 couplings of checkerboards
 * log p(u) = sum log N(z; 0, 1) + log |det dz/du|
 * </pre>
 *
 * <p>Rows of data are images [channels, height, width] of intensities in [0, 1], taken to the
 * nearest level. Log-likelihoods are nats of the density of u, of one draw of the noise, which
 * depends on nothing but the row's place in the call: the same call gives the same bits, and the
 * mean over many rows, less D log levels, bounds their log-probability from below. {@link
 * #bitsPerDimension} counts the levels in.
 *
 * <p>A row of latents is what left at the first scale, [2 channels, height / 2, width / 2], the
 * fine structure, then what left at the second, [4 channels, height / 4, width / 4], and so on, and
 * what came out of the last scale at the end.
 *
 * <p>With batch norm the running statistics belong to the weights as they are trained; to score
 * with an average of the weights, take it from {@link FlowTraining#averaged}, which gathers its
 * own.
 *
 * <p>Dinh, Sohl-Dickstein, Bengio, "Density estimation using Real NVP", ICLR 2017, sections 3.4 to
 * 3.7 and 4.1. Which pixels leave, and that networks double their channels with each squeezing, is
 * as in the authors' code.
 *
 * <pre>{@code
 * RealNvpConfig config = RealNvpConfig.of(new ImageShape(3, 32, 32, 256), 32, 4);
 * try (RealNvp model = RealNvp.create(device, config, 1);
 *     FlowTraining training = new FlowTraining(model, pictures, FlowTrainingConfig.of(20))) {
 *   new Trainer(training).fit();
 *   double[] nats = model.logLikelihood(test);
 *   Tensor pictures = model.sample(64, 0.7, null, 1);
 * }
 * }</pre>
 */
public final class RealNvp extends FlowModel {
  /** The kind of a model file that holds one. */
  public static final String KIND = "realnvp";

  private static final int ENTRIES = 1 << 20; // of a network's layer, of rows scored together

  private final RealNvpConfig config;
  private final MultiScale scales;

  private RealNvp(Device device, RealNvpConfig config) {
    super(device, config.dequantisation(), config.context(), config.size().example());
    this.config = config;
    scales = child("flow", new MultiScale(device, DType.FLOAT32, config));
  }

  /** A model to train, whose map is the logit and nothing else, up to rounding. */
  public static RealNvp create(Device device, RealNvpConfig config, long seed) {
    RealNvp model = new RealNvp(device, config);
    model.initialise(seed);
    return model;
  }

  public static RealNvp load(Path path, Device device) throws IOException {
    try (ModelFile file = ModelFile.read(path, KIND)) {
      return filled(new RealNvp(device, file.config(RealNvpConfig.class)), file);
    }
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public RealNvpConfig config() {
    return config;
  }

  @Override
  public Transform transform() {
    return scales;
  }

  @Override
  public Base base() {
    return Base.GAUSSIAN;
  }

  @Override
  protected int rowsAtATime() {
    return Math.max(1, ENTRIES / (config.channels() * config.image().pixels()));
  }
}
