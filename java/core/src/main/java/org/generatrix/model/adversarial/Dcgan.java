// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.adversarial;

import static org.generatrix.autograd.Functions.narrow;
import static org.generatrix.autograd.Resampling.padZero;

import java.io.IOException;
import java.nio.file.Path;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Device;
import org.generatrix.model.ModelFile;
import org.generatrix.tensor.Tensor;

/**
 * The convolutional networks of Radford, Metz, Chintala, "Unsupervised representation learning with
 * deep convolutional generative adversarial networks", 2016, for pictures of any size.
 *
 * <pre>
 * generator       z -> 4 x 4 -> 8 x 8 -> .. -> side x side     transposed convolutions k4 s2 p1,
 *                                                              batch norm, ReLU; tanh at the end
 * discriminator   side x side -> .. -> 8 x 8 -> 4 x 4 -> odds  convolutions k4 s2 p1,
 *                                                              batch norm but first, leaky ReLU 0.2
 * </pre>
 *
 * <p>Data are rows [channels, height, width] of numbers in [0, 1]; the networks see them in [-1,
 * 1], in the middle of a square of black whose side is 4 times a power of 2.
 */
public final class Dcgan extends Gan {
  /** The kind of a model file that holds one. */
  public static final String KIND = "dcgan";

  private final DcganConfig config;
  private final int top; // rows of black above a picture
  private final int left;

  private Dcgan(Device device, DcganConfig config) {
    super(
        device,
        KIND,
        config,
        config.latents(),
        config.visible(),
        new DcganGenerator(device, config),
        new DcganDiscriminator(device, config));
    this.config = config;
    top = (config.side() - config.height()) / 2;
    left = (config.side() - config.width()) / 2;
  }

  /** A model to train. */
  public static Dcgan create(Device device, DcganConfig config, long seed) {
    Dcgan gan = new Dcgan(device, config);
    gan.initialise(seed);
    return gan;
  }

  public static Dcgan load(Path path, Device device) throws IOException {
    try (ModelFile file = ModelFile.read(path, KIND)) {
      Dcgan gan = new Dcgan(device, file.config(DcganConfig.class));
      gan.read(file);
      return gan;
    }
  }

  public DcganConfig config() {
    return config;
  }

  @Override
  public Var input(Tape tape, Tensor x) {
    Var pictures =
        tape.constant(x).reshape(x.rows(), config.channels(), config.height(), config.width());
    int below = config.side() - config.height() - top;
    int right = config.side() - config.width() - left;
    Var square =
        top + below + left + right == 0 ? pictures : padZero(pictures, top, below, left, right);
    return square.mul(2).sub(1);
  }

  @Override
  protected Var output(Var generated) {
    Var rows = narrow(generated, 2, top, config.height());
    Var pictures = narrow(rows, 3, left, config.width());
    return pictures.add(1).mul(0.5).reshape(generated.shape()[0], config.visible());
  }
}
