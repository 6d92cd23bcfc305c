// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

import static org.generatrix.autograd.Functions.relu;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Device;
import org.generatrix.model.ModelFile;
import org.generatrix.nn.Module;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.nn.conv.Conv;

/**
 * The PixelCNN: one stack of masked convolutions, a large one that does not see its own pixel (mask
 * A), residual blocks that do (mask B), and two layers on single pixels.
 *
 * <pre>
 * h = conv_A(x)                                                      2 h channels
 * h = h + conv_1x1(relu(conv_B(relu(conv_1x1(relu(h))))))            2 h, h, h, 2 h; each block
 * y = conv_1x1(relu(conv_1x1(relu(h))))
 * </pre>
 *
 * <p>Within a pixel red comes before green before blue, which the masks know by channels that are
 * cut into three. Pixels up and to the right have a wedge that the stack never sees, however deep
 * it is: {@link GatedPixelCnn} sees all.
 *
 * <p>van den Oord, Kalchbrenner, Kavukcuoglu, "Pixel recurrent neural networks", ICML 2016,
 * sections 3.4 and 3.5, table 1.
 *
 * <pre>{@code
 * PixelCnnConfig config = PixelCnnConfig.of(ImageShape.binary(28, 28), 16, 15);
 * try (PixelCnn model = PixelCnn.create(device, config, 1);
 *     PixelCnnTraining training = new PixelCnnTraining(model, digits, PixelCnnTrainingConfig.of(20))) {
 *   new Trainer(training).fit();
 *   double[] nats = model.logLikelihood(test);
 * }
 * }</pre>
 */
public final class PixelCnn extends AutoregressiveImages {
  /** The kind of a model file that holds one. */
  public static final String KIND = "pixelcnn";

  private final PixelCnnConfig config;
  final Conv first;
  final List<Block> blocks = new ArrayList<>();
  final Conv head;
  final Conv last;

  private PixelCnn(Device device, PixelCnnConfig config) {
    super(device, config.image(), states(config.image()), 0);
    this.config = config;
    int colours = config.image().channels();
    int wide = 2 * config.channels();
    first =
        child(
            "first",
            CausalLayers.conv(device, colours, wide, config.firstKernel(), false, colours));
    for (int i = 0; i < config.blocks(); i++) {
      blocks.add(child("block" + i, new Block(device, config)));
    }
    head = child("head", CausalLayers.pixelwise(device, wide, config.headChannels(), colours));
    last =
        child(
            "last",
            CausalLayers.small(device, config.headChannels(), distribution().outputs(), colours));
  }

  /** A residual block. */
  static final class Block extends Module {
    final Conv down;
    final Conv middle;
    final Conv up;

    Block(Device device, PixelCnnConfig config) {
      int h = config.channels();
      int colours = config.image().channels();
      down = child("down", CausalLayers.pixelwise(device, 2 * h, h, colours));
      middle = child("middle", CausalLayers.conv(device, h, h, config.kernel(), true, colours));
      up = child("up", CausalLayers.small(device, h, 2 * h, colours));
    }

    /** h [n, 2 h, height, width]. */
    Var apply(Var h) {
      Var inside = middle.apply(down.apply(relu(h), Nonlinearity.RELU), Nonlinearity.RELU);
      return h.add(up.apply(inside));
    }

    Planes apply(CausalProgram p, Planes h) {
      Planes inside = p.conv(down, p.relu(h), Activation.RELU);
      return p.add(h, p.conv(up, p.conv(middle, inside, Activation.RELU)));
    }
  }

  /** A model to train. */
  public static PixelCnn create(Device device, PixelCnnConfig config, long seed) {
    PixelCnn model = new PixelCnn(device, config);
    model.initialise(seed);
    return model;
  }

  public static PixelCnn load(Path path, Device device) throws IOException {
    try (ModelFile file = ModelFile.read(path, KIND)) {
      return filled(new PixelCnn(device, file.config(PixelCnnConfig.class)), file);
    }
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public PixelCnnConfig config() {
    return config;
  }

  @Override
  Var outputs(Var x, Var labels) {
    Var h = first.apply(x); // [n, 2 h, height, width]
    for (Block block : blocks) {
      h = block.apply(h);
    }
    return last.apply(head.apply(relu(h), Nonlinearity.RELU)); // [n, P, height, width]
  }

  @Override
  void outputs(CausalProgram p, long[] labels) {
    Planes h = p.conv(first, p.input());
    for (Block block : blocks) {
      h = block.apply(p, h);
    }
    p.outputs(p.conv(last, p.conv(head, p.relu(h), Activation.RELU)));
  }
}
