// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

import static org.generatrix.autograd.Functions.gatedUnit;
import static org.generatrix.autograd.Functions.relu;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Device;
import org.generatrix.model.ModelFile;
import org.generatrix.nn.Initialiser;
import org.generatrix.nn.Linear;
import org.generatrix.nn.Module;
import org.generatrix.nn.Nonlinearity;
import org.generatrix.nn.conv.Conv;
import org.generatrix.tensor.DType;

/**
 * The gated PixelCNN: two stacks that together see every pixel before, and gated units. The
 * vertical stack v sees all rows above a pixel, the horizontal stack h what is left of it in its
 * row, and hears from the vertical one.
 *
 * <pre>
 * a = conv_top(v) + V_v c            n x n, the rows above (and from the second layer on its own row,
 *                                    in which v knows only rows above)
 * b = conv_left(h) + conv_1x1(a) + V_h c     1 x n, up to the pixel, in the first layer without it
 * v = gate(a),  h = h + conv_1x1(gate(b))    gate(a, a') = tanh(a) sigmoid(a'); c the one-hot class
 * y = conv_1x1(relu(conv_1x1(relu(h))))      of the last layer
 * </pre>
 *
 * <p>The first layer has no residual. Of colour images the halves of a gate are those of each
 * colour's channels, so that red sees no green.
 *
 * <p>van den Oord, Kalchbrenner, Vinyals, Espeholt, Graves, Kavukcuoglu, "Conditional image
 * generation with PixelCNN decoders", NIPS 2016, equations 2 and 4, figure 2.
 */
public final class GatedPixelCnn extends AutoregressiveImages {
  /** The kind of a model file that holds one. */
  public static final String KIND = "gated-pixelcnn";

  private final GatedPixelCnnConfig config;
  final List<GatedLayer> layers = new ArrayList<>();
  final Conv head;
  final Conv last;

  private GatedPixelCnn(Device device, GatedPixelCnnConfig config) {
    super(device, config.image(), states(config.image()), config.classes());
    this.config = config;
    for (int i = 0; i < config.layers(); i++) {
      layers.add(child("layer" + i, new GatedLayer(device, config, i)));
    }
    int colours = config.image().channels();
    int wide = config.headChannels();
    head = child("head", CausalLayers.pixelwise(device, config.channels(), wide, colours));
    last = child("last", CausalLayers.small(device, wide, distribution().outputs(), colours));
  }

  /** What a layer passes on, both [n, p, height, width]; v is null behind the last. */
  record Stacks(Var v, Var h) {}

  /** A layer of both stacks. */
  static final class GatedLayer extends Module {
    final boolean first;
    final boolean last;
    final int colours;
    final Conv vertical; // to 2 p
    final Conv across; // 2 p to 2 p, from the vertical stack to the horizontal one
    final Conv horizontal; // to 2 p
    final Conv out; // p to p
    final Linear verticalClass; // classes to 2 p, or null
    final Linear horizontalClass;

    GatedLayer(Device device, GatedPixelCnnConfig config, int i) {
      first = i == 0;
      last = i == config.layers() - 1;
      colours = config.image().channels();
      int in = first ? colours : config.channels();
      int p = config.channels();
      int n = first ? config.firstKernel() : config.kernel();
      Window square = Window.of(n, n).same();
      Window row = Window.of(1, n).same();
      vertical =
          child(
              "vertical",
              CausalLayers.masked(device, in, 2 * p, square, TapMask.topHalf(square, !first)));
      across = child("across", CausalLayers.pixelwise(device, 2 * p, 2 * p, 1));
      horizontal =
          child(
              "horizontal",
              CausalLayers.masked(device, in, 2 * p, row, TapMask.leftHalf(row, !first, colours)));
      out = child("out", CausalLayers.pixelwise(device, p, p, colours));
      boolean conditional = config.classes() > 0;
      verticalClass =
          conditional ? child("vertical_class", bias(device, config.classes(), 2 * p)) : null;
      horizontalClass =
          conditional ? child("horizontal_class", bias(device, config.classes(), 2 * p)) : null;
    }

    private static Linear bias(Device device, int classes, int channels) {
      return new Linear(
          device, DType.FLOAT32, classes, channels, false, Initialiser.glorotUniform());
    }

    /** From the stacks below, for the first layer the image in both; labels [n, classes]. */
    Stacks apply(Stacks below, Var labels) {
      Var a = given(vertical.apply(below.v()), verticalClass, labels);
      Var b = horizontal.apply(below.h()).add(across.apply(a));
      Var h = out.apply(gate(given(b, horizontalClass, labels), colours));
      return new Stacks(last ? null : gate(a, 1), first ? h : below.h().add(h));
    }

    /** Both stacks, the vertical one first. */
    Planes[] apply(CausalProgram p, Planes[] below, long[] labels) {
      Planes a = p.given(p.conv(vertical, below[0]), verticalClass, labels);
      Planes b = p.add(p.conv(horizontal, below[1]), p.conv(across, a));
      Planes h = p.conv(out, p.gate(p.given(b, horizontalClass, labels), colours));
      return new Planes[] {last ? null : p.gate(a, 1), first ? h : p.add(below[1], h)};
    }

    private static Var given(Var x, Linear ofClass, Var labels) {
      return ofClass == null
          ? x
          : x.add(ofClass.apply(labels).reshape(x.shape()[0], x.shape()[1], 1, 1));
    }

    /** [n, 2 p, ..] to [n, p, ..], each colour's channels by themselves. */
    private static Var gate(Var x, int colours) {
      long[] s = x.shape();
      return gatedUnit(x.reshape(s[0] * colours, s[1] / colours, s[2], s[3]))
          .reshape(s[0], s[1] / 2, s[2], s[3]);
    }
  }

  /** A model to train. */
  public static GatedPixelCnn create(Device device, GatedPixelCnnConfig config, long seed) {
    GatedPixelCnn model = new GatedPixelCnn(device, config);
    model.initialise(seed);
    return model;
  }

  public static GatedPixelCnn load(Path path, Device device) throws IOException {
    try (ModelFile file = ModelFile.read(path, KIND)) {
      return filled(new GatedPixelCnn(device, file.config(GatedPixelCnnConfig.class)), file);
    }
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public GatedPixelCnnConfig config() {
    return config;
  }

  @Override
  Var outputs(Var x, Var labels) {
    Stacks stacks = new Stacks(x, x);
    for (GatedLayer layer : layers) {
      stacks = layer.apply(stacks, labels);
    }
    return last.apply(head.apply(relu(stacks.h()), Nonlinearity.RELU)); // [n, P, height, width]
  }

  @Override
  void outputs(CausalProgram p, long[] labels) {
    Planes x = p.input();
    Planes[] stacks = {x, x};
    for (GatedLayer layer : layers) {
      stacks = layer.apply(p, stacks, labels);
    }
    p.outputs(p.conv(last, p.conv(head, p.relu(stacks[1]), Activation.RELU)));
  }
}
