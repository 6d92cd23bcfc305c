// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.generatrix.autograd.op.DiscretisedLogisticMixture;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Binary;
import org.generatrix.binding.Causal;
import org.generatrix.binding.Device;
import org.generatrix.binding.Rng;
import org.generatrix.binding.Unary;
import org.generatrix.nn.Linear;
import org.generatrix.nn.conv.ConvLayer;
import org.generatrix.nn.conv.ConvTranspose;
import org.generatrix.tensor.Tensor;

/**
 * A network over images, put down step by step like a forward pass, from which samples are drawn in
 * one native call that computes each activation once. A sample costs one pass of the network, where
 * a pass for each pixel costs as many as there are pixels.
 *
 * <pre>{@code
 * CausalProgram program = new CausalProgram(device, image, distribution);
 * Planes h = program.conv(first, program.input(), Activation.NONE);
 * program.outputs(program.conv(last, h, Activation.NONE));
 * Tensor x = program.sample(images, seed);
 * }</pre>
 *
 * <p>Weights are read when it samples, where they lie. Channels that a mask with colours orders
 * become a node for each colour, so that red is drawn before green's activations are computed. A
 * network that is not causal is refused when it samples.
 */
final class CausalProgram implements AutoCloseable {
  private final Device device;
  private final ImageShape image;
  private final PixelDistribution distribution;
  private final Tensor values; // of the levels, as the network takes them
  private final List<Causal.Node> nodes = new ArrayList<>();
  private final List<Causal.Head> heads = new ArrayList<>();
  private final List<Tensor> owned = new ArrayList<>();

  CausalProgram(Device device, ImageShape image, PixelDistribution distribution) {
    this.device = device;
    this.image = image;
    this.distribution = distribution;
    float[] levels = new float[image.levels()];
    for (int level = 0; level < levels.length; level++) {
      levels[level] = 2 * image.value(level) - 1;
    }
    values = own(Tensor.of(device, levels, levels.length));
  }

  /** Closed with this. */
  private Tensor own(Tensor tensor) {
    owned.add(tensor);
    return tensor;
  }

  // --- The network ----------------------------------------------------------------------------

  /** The image [channels, height, width], level j of L at 2 j / (L - 1) - 1. */
  Planes input() {
    List<Planes.Part> parts = new ArrayList<>();
    boolean apart = distribution.passes() > 1; // a channel is known before the next
    for (int c = 0; c < (apart ? image.channels() : 1); c++) {
      int channels = apart ? 1 : image.channels();
      Causal.Node node =
          new Causal.Node(
              Causal.Kind.INPUT,
              0,
              0,
              channels,
              image.height(),
              image.width(),
              List.of(),
              c,
              null,
              null);
      int same = nodes.indexOf(node);
      parts.add(same < 0 ? add(node) : new Planes.Part(same, 0, channels));
    }
    return new Planes(parts, image.height(), image.width());
  }

  /**
   * What is the same at every pixel of an example.
   *
   * @param of float32 [rows, channels]; closed with this
   */
  Planes example(Tensor of, Planes like) {
    own(of);
    Causal.Node node =
        new Causal.Node(
            Causal.Kind.EXAMPLE,
            0,
            0,
            of.units(),
            like.height(),
            like.width(),
            List.of(),
            0,
            of.view(),
            null);
    return new Planes(List.of(add(node)), like.height(), like.width());
  }

  /** x + V c, c the one-hot class of each example; x where V is null. */
  Planes given(Planes x, Linear ofClass, long[] labels) {
    if (ofClass == null) {
      return x;
    }
    float[] weight = ofClass.weight().toArray(); // [channels, classes]
    int channels = Math.toIntExact(ofClass.weight().shape()[0]);
    int classes = weight.length / channels;
    float[] columns = new float[labels.length * channels];
    for (int row = 0; row < labels.length; row++) {
      for (int c = 0; c < channels; c++) {
        columns[row * channels + c] = weight[c * classes + (int) labels[row]];
      }
    }
    return add(x, example(Tensor.of(device, columns, labels.length, channels), x));
  }

  /** f(conv(x)). */
  Planes conv(ConvLayer layer, Planes x, Activation f) {
    Window w = layer.window();
    TapMask mask = layer.mask();
    if (w.axes() != 2 || w.groups() != 1 || x.channels() != layer.in()) {
      throw new IllegalArgumentException(
          "expected a convolution of %d channels over height and width in one group, got %d channels and %s"
              .formatted(x.channels(), layer.in(), w));
    }
    boolean transposed = layer instanceof ConvTranspose;
    int height = size(w, 0, x.height(), transposed);
    int width = size(w, 1, x.width(), transposed);
    long taps = w.taps();
    int colours = mask.colours();
    long rows = layer.out() / colours;
    List<Planes.Part> parts = new ArrayList<>();
    for (int colour = 0; colour < colours; colour++) {
      long seen = layer.in() / colours * (colour + (mask.strictCentre() ? 0 : 1));
      List<Causal.Source> sources = new ArrayList<>();
      if (colours == 1) {
        sources(sources, x, 0, layer.in(), taps(w, mask, true));
      } else {
        sources(sources, x, 0, seen, taps(w, mask, true));
        sources(sources, x, seen, layer.in(), taps(w, mask, false));
      }
      Causal.Weights weights =
          new Causal.Weights(
              transposed,
              w.stride().get(0),
              w.stride().get(1),
              colour * rows,
              transposed ? taps : layer.in() * taps,
              transposed ? layer.out() * taps : taps,
              layer.weight().view(),
              layer.bias() == null ? null : layer.bias().view());
      Causal.Node node =
          new Causal.Node(
              Causal.Kind.CONV, f.ordinal(), 1, rows, height, width, sources, 0, null, weights);
      parts.add(add(node));
    }
    return new Planes(parts, height, width);
  }

  Planes conv(ConvLayer layer, Planes x) {
    return conv(layer, x, Activation.NONE);
  }

  /** Columns [from, to) of a convolution, with these taps. */
  private static void sources(
      List<Causal.Source> to, Planes x, long from, long end, List<Causal.Tap> taps) {
    if (from == end) {
      return;
    }
    long column = from;
    for (Planes.Part part : x.slice(from, end - from).parts()) {
      to.add(new Causal.Source(part.node(), part.first(), part.count(), column, taps));
      column += part.count();
    }
  }

  private static List<Causal.Tap> taps(Window w, TapMask mask, boolean withCentre) {
    List<Causal.Tap> taps = new ArrayList<>();
    int width = w.kernel().get(1);
    for (int tap = 0; tap < w.taps(); tap++) {
      boolean live = mask.taps().isEmpty() || mask.taps().contains(tap);
      if (live && (withCentre || tap != w.taps() / 2)) {
        int dh = tap / width * w.dilation().get(0) - w.padding().get(0);
        int dw = tap % width * w.dilation().get(1) - w.padding().get(1);
        taps.add(new Causal.Tap(dh, dw, tap));
      }
    }
    return taps;
  }

  private static int size(Window w, int axis, int in, boolean transposed) {
    int reach = w.dilation().get(axis) * (w.kernel().get(axis) - 1) + 1;
    int stride = w.stride().get(axis);
    int padding = 2 * w.padding().get(axis);
    return transposed
        ? (in - 1) * stride - padding + reach + w.outputPadding().get(axis)
        : (in + padding - reach) / stride + 1;
  }

  /** f(x). */
  Planes unary(Unary f, double p, Planes x) {
    List<Planes.Part> parts = new ArrayList<>();
    for (Planes.Part part : x.parts()) {
      parts.add(map(Causal.Kind.UNARY, f.ordinal(), p, part.count(), x, part));
    }
    return new Planes(parts, x.height(), x.width());
  }

  Planes relu(Planes x) {
    return unary(Unary.RELU, 0, x);
  }

  /** f(a, b) of as many channels. */
  Planes binary(Binary f, Planes a, Planes b) {
    b.requireResolutionOf(a);
    if (a.channels() != b.channels()) {
      throw new IllegalArgumentException(
          "expected as many channels, got %d and %d".formatted(a.channels(), b.channels()));
    }
    TreeSet<Long> cuts = new TreeSet<>(a.cuts());
    cuts.addAll(b.cuts());
    cuts.add(a.channels());
    List<Planes.Part> parts = new ArrayList<>();
    long at = 0;
    for (long end : cuts) {
      Planes.Part left = a.slice(at, end - at).parts().get(0);
      Planes.Part right = b.slice(at, end - at).parts().get(0);
      parts.add(map(Causal.Kind.BINARY, f.ordinal(), 0, end - at, a, left, right));
      at = end;
    }
    return new Planes(parts, a.height(), a.width());
  }

  Planes add(Planes a, Planes b) {
    return binary(Binary.ADD, a, b);
  }

  /** tanh(a) sigmoid(b) of the two halves of each colour's channels. */
  Planes gate(Planes x, int colours) {
    long half = x.channels() / colours / 2;
    Planes[] gates = new Planes[colours];
    for (int c = 0; c < colours; c++) {
      gates[c] =
          binary(Binary.GATED, x.slice(2 * c * half, half), x.slice((2 * c + 1) * half, half));
    }
    return Planes.concat(gates);
  }

  /** (elu(x), elu(-x)), of twice the channels. */
  Planes concatElu(Planes x) {
    List<Planes.Part> positive = new ArrayList<>();
    List<Planes.Part> negative = new ArrayList<>();
    for (Planes.Part part : x.parts()) {
      int node = map(Causal.Kind.CONCAT_ELU, 0, 0, 2 * part.count(), x, part).node();
      positive.add(new Planes.Part(node, 0, part.count()));
      negative.add(new Planes.Part(node, part.count(), part.count()));
    }
    positive.addAll(negative);
    return new Planes(positive, x.height(), x.width());
  }

  private Planes.Part map(
      Causal.Kind kind, int function, double p, long channels, Planes like, Planes.Part... from) {
    List<Causal.Source> sources = new ArrayList<>();
    for (Planes.Part part : from) {
      sources.add(new Causal.Source(part.node(), part.first(), part.count()));
    }
    Causal.Node node =
        new Causal.Node(
            kind, function, p, channels, like.height(), like.width(), sources, 0, null, null);
    int same = nodes.indexOf(node); // such as the ELU of a map that goes to two places
    return same < 0 ? add(node) : new Planes.Part(same, 0, channels);
  }

  private Planes.Part add(Causal.Node node) {
    nodes.add(node);
    return new Planes.Part(nodes.size() - 1, 0, node.channels());
  }

  /** What the distribution of each pixel is made of; the last step. */
  void outputs(Planes o) {
    if (o.channels() != distribution.outputs()) {
      throw new IllegalArgumentException(
          "expected %d outputs, got %d".formatted(distribution.outputs(), o.channels()));
    }
    int passes = distribution.passes();
    long each = o.channels() / passes;
    for (int pass = 0; pass < passes; pass++) {
      Planes.Part own = whole(o.slice(pass * each, each));
      heads.add(
          new Causal.Head(
              how(),
              own.node(),
              own.first(),
              pass,
              image.channels() / passes,
              image.levels(),
              distribution instanceof PixelDistribution.Logistics l ? l.components() : 0,
              DiscretisedLogisticMixture.MIN_LOG_SCALE,
              values.view()));
    }
  }

  private Causal.Distribution how() {
    if (distribution instanceof PixelDistribution.Logistics) {
      return Causal.Distribution.LOGISTIC_MIXTURE;
    }
    return image.levels() == 2 ? Causal.Distribution.BERNOULLI : Causal.Distribution.CATEGORICAL;
  }

  /** As channels of one node. */
  private Planes.Part whole(Planes x) {
    return x.parts().size() == 1
        ? x.parts().get(0)
        : map(Causal.Kind.CONCAT, 0, 0, x.channels(), x, x.parts().toArray(new Planes.Part[0]));
  }

  // --- Draws and scores -----------------------------------------------------------------------

  /** Fills what is not known of the images, from the stream of the seed. */
  void fill(PartialImages images, long seed) {
    long[] shape = {images.rows(), image.entries()};
    float[] all = images.values();
    for (int i = 0; i < all.length; i++) {
      all[i] = 2 * all[i] - 1;
    }
    try (Tensor x = Tensor.of(device, all, shape);
        Tensor known = images.mask() == null ? null : Tensor.of(device, images.mask(), shape)) {
      run(x, known, false, seed, null, null, null);
      float[] drawn = x.toArray();
      for (int row = 0; row < images.rows(); row++) {
        for (int c = 0; c < image.channels(); c++) {
          for (int pixel = 0; pixel < image.pixels(); pixel++) {
            float value = drawn[row * image.entries() + c * image.pixels() + pixel];
            images.put(row, c, pixel, image.level((value + 1) / 2));
          }
        }
      }
    }
  }

  /**
   * Log-likelihoods of images, computed pixel by pixel as in sampling.
   *
   * @param x [rows, entries] of values 2 j / (levels - 1) - 1
   * @param logits [rows, outputs, height, width], filled, or null; of one head only
   * @param evaluations [pixels], filled with the activations that a pixel took, or null
   */
  double[] score(Tensor x, Tensor logits, long[] evaluations) {
    double[] nats = new double[Math.toIntExact(x.rows())];
    run(x, null, true, 0, logits, nats, evaluations);
    return nats;
  }

  private void run(
      Tensor x,
      Tensor known,
      boolean all,
      long seed,
      Tensor logits,
      double[] nats,
      long[] evaluations) {
    Causal.Run run =
        new Causal.Run(
            x.rows(),
            new Rng(seed, 0),
            known == null ? null : known.view(),
            all,
            x.view(),
            logits == null ? null : logits.view(),
            logits == null ? 0 : x.rows() * distribution.outputs() * image.pixels());
    Causal.sample(
        device,
        new Causal.Program(image.channels(), image.height(), image.width(), nodes, heads),
        run,
        nats,
        evaluations);
  }

  /** Activations that an image has, of all nodes that are computed. */
  long activations() {
    return nodes.stream()
        .filter(n -> n.kind() != Causal.Kind.INPUT && n.kind() != Causal.Kind.EXAMPLE)
        .mapToLong(n -> n.height() * n.width())
        .sum();
  }

  @Override
  public void close() {
    owned.forEach(Tensor::close);
    owned.clear();
  }
}
