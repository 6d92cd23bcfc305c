// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.autoregressive;

import static org.generatrix.autograd.Functions.concat;
import static org.generatrix.autograd.Functions.dropout;
import static org.generatrix.autograd.Functions.elu;
import static org.generatrix.autograd.Functions.sigmoid;
import static org.generatrix.autograd.Functions.split;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.TapMask;
import org.generatrix.autograd.op.Window;
import org.generatrix.binding.Binary;
import org.generatrix.binding.Device;
import org.generatrix.binding.Unary;
import org.generatrix.model.ModelFile;
import org.generatrix.nn.Initialiser;
import org.generatrix.nn.Linear;
import org.generatrix.nn.Module;
import org.generatrix.nn.conv.Conv;
import org.generatrix.nn.conv.ConvTranspose;
import org.generatrix.tensor.DType;

/**
 * PixelCNN++: a mixture of discretised logistics for all channels of a pixel at once, under two
 * streams of gated residual blocks that go down to coarser resolutions and back, with skips between
 * equal ones. Stream u sees the rows above a pixel, stream ul also what is left of it.
 *
 * <pre>
 * u  = conv(x), the two rows above           ul = conv(x), three pixels above and the one to the left
 * block(x, a, c): x + p sigmoid(q)           (p, q) = conv(dropout(e(conv(e(x)) + conv_1x1(e(a))))) + V c
 *                                            e(x) = elu(x, -x), a skip or the other stream, c the class
 * down: all of u, then ul given u, to a list; from scale to scale by convolutions of stride 2
 * back: blocks given what the list had, last first; from scale to scale by transposed convolutions
 * y  = conv_1x1(elu(ul))
 * </pre>
 *
 * <p>The paper's shifted convolutions are masked ones here: down-shifted means the 2 x 3 taps of
 * the row above and the pixel's own, down-right-shifted the 2 x 2 taps up and to the left. Its two
 * first layers of ul, added up, are one with both their taps. The paper's code marks what lies
 * outside of the image by a channel of ones; here no level is 0 if their number is even. It also
 * normalises weights, which is left out.
 *
 * <p>Salimans, Karpathy, Chen, Kingma, "PixelCNN++: improving the PixelCNN with discretized
 * logistic mixture likelihood and other modifications", ICLR 2017.
 */
public final class PixelCnnPlusPlus extends AutoregressiveImages {
  /** The kind of a model file that holds one. */
  public static final String KIND = "pixelcnn-plus-plus";

  private final PixelCnnPlusPlusConfig config;
  final Conv firstU;
  final Conv firstUl;
  final List<Scale> down = new ArrayList<>(); // finest first
  final List<Scale> back = new ArrayList<>(); // coarsest first
  final Conv last;

  private PixelCnnPlusPlus(Device device, PixelCnnPlusPlusConfig config) {
    super(
        device,
        config.image(),
        new PixelDistribution.Logistics(config.image(), config.components()),
        config.classes());
    this.config = config;
    int in = config.image().channels();
    int f = config.channels();
    Window above = Window.of(5, 3).same();
    firstU =
        child("first_u", CausalLayers.masked(device, in, f, above, TapMask.of(0, 1, 2, 3, 4, 5)));
    firstUl = child("first_ul", CausalLayers.masked(device, in, f, SQUARE, TapMask.of(0, 1, 2, 3)));
    int scales = config.scales();
    for (int s = 0; s < scales; s++) {
      down.add(
          child("down" + s, new Scale(device, config, config.blocks(), false, s < scales - 1)));
    }
    for (int s = 0; s < scales; s++) {
      int blocks = config.blocks() + (s == 0 ? 0 : 1);
      back.add(child("back" + s, new Scale(device, config, blocks, true, s < scales - 1)));
    }
    last = child("last", CausalLayers.small(device, f, distribution().outputs(), 1));
  }

  private static final Window SQUARE = Window.of(3, 3).same();
  private static final TapMask DOWN_SHIFTED = TapMask.topHalf(SQUARE, true); // rows -1 and 0
  private static final TapMask DOWN_RIGHT_SHIFTED = TapMask.of(0, 1, 3, 4); // and columns -1 and 0

  /** (elu(x), elu(-x)), of twice the channels. */
  private static Var concatElu(Var x) {
    return elu(concat(1, x, x.neg()), 1);
  }

  /** A gated residual block of one stream. */
  static final class Block extends Module {
    final double rate;
    final Conv in; // 2 f to f
    final Conv skip; // of what it is given, twice its channels to f, or null
    final Conv out; // 2 f to 2 f
    final Linear ofClass; // classes to 2 f, or null

    Block(Device device, PixelCnnPlusPlusConfig config, TapMask mask, int skipChannels) {
      int f = config.channels();
      rate = config.dropout();
      in = child("in", CausalLayers.masked(device, 2 * f, f, SQUARE, mask));
      skip =
          skipChannels == 0
              ? null
              : child("skip", CausalLayers.pixelwise(device, 2 * skipChannels, f, 1));
      out =
          child(
              "out",
              new Conv(
                  device, DType.FLOAT32, 2 * f, 2 * f, SQUARE, mask, true, CausalLayers.SMALL));
      ofClass =
          config.classes() == 0
              ? null
              : child(
                  "class",
                  new Linear(
                      device,
                      DType.FLOAT32,
                      config.classes(),
                      2 * f,
                      false,
                      Initialiser.glorotUniform()));
    }

    /** x [n, f, height, width] given a [n, its channels, height, width] or null. */
    Var apply(Var x, Var a, Var labels) {
      Var c = in.apply(concatElu(x));
      if (skip != null) {
        c = c.add(skip.apply(concatElu(a)));
      }
      c = out.apply(rate == 0 ? concatElu(c) : dropout(concatElu(c), rate));
      long[] s = c.shape();
      if (ofClass != null) {
        c = c.add(ofClass.apply(labels).reshape(s[0], s[1], 1, 1));
      }
      Var[] halves = split(c, 1, s[1] / 2, s[1] / 2);
      return x.add(halves[0].mul(sigmoid(halves[1])));
    }

    Planes apply(CausalProgram p, Planes x, Planes a, long[] labels) {
      Planes c = p.conv(in, p.concatElu(x));
      if (skip != null) {
        c = p.add(c, p.conv(skip, p.concatElu(a)));
      }
      c = p.given(p.conv(out, p.concatElu(c)), ofClass, labels);
      long half = c.channels() / 2;
      Planes gate = p.unary(Unary.SIGMOID, 0, c.slice(half, half));
      return p.add(x, p.binary(Binary.MUL, c.slice(0, half), gate));
    }
  }

  /** The blocks of a resolution on the way down or back, and the way to the next. */
  static final class Scale extends Module {
    final List<Block> u = new ArrayList<>();
    final List<Block> ul = new ArrayList<>();
    final Conv downU; // of stride 2, null on the way back and at the coarsest
    final Conv downUl;
    final ConvTranspose upU; // the other way
    final ConvTranspose upUl;

    Scale(Device device, PixelCnnPlusPlusConfig config, int blocks, boolean back, boolean goesOn) {
      int f = config.channels();
      for (int i = 0; i < blocks; i++) {
        u.add(child("u" + i, new Block(device, config, DOWN_SHIFTED, back ? f : 0)));
        ul.add(child("ul" + i, new Block(device, config, DOWN_RIGHT_SHIFTED, back ? 2 * f : f)));
      }
      Window half = SQUARE.stride(2);
      downU =
          goesOn && !back
              ? child("next_u", CausalLayers.masked(device, f, f, half, DOWN_SHIFTED))
              : null;
      downUl =
          goesOn && !back
              ? child("next_ul", CausalLayers.masked(device, f, f, half, DOWN_RIGHT_SHIFTED))
              : null;
      // Pixel (i, j) of the coarse image goes to rows 2 i and 2 i + 1, which it comes before.
      Window twice = Window.of(2, 3).stride(2).padding(0, 1).outputPadding(0, 1);
      upU = goesOn && back ? child("next_u", new ConvTranspose(device, f, f, twice)) : null;
      upUl =
          goesOn && back
              ? child("next_ul", new ConvTranspose(device, f, f, Window.of(2, 2).stride(2)))
              : null;
    }
  }

  /** A model to train. */
  public static PixelCnnPlusPlus create(Device device, PixelCnnPlusPlusConfig config, long seed) {
    PixelCnnPlusPlus model = new PixelCnnPlusPlus(device, config);
    model.initialise(seed);
    return model;
  }

  public static PixelCnnPlusPlus load(Path path, Device device) throws IOException {
    try (ModelFile file = ModelFile.read(path, KIND)) {
      return filled(new PixelCnnPlusPlus(device, file.config(PixelCnnPlusPlusConfig.class)), file);
    }
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public PixelCnnPlusPlusConfig config() {
    return config;
  }

  @Override
  Var outputs(Var x, Var labels) {
    Deque<Var> us = new ArrayDeque<>(); // each [n, f, height, width] of its scale
    Deque<Var> uls = new ArrayDeque<>();
    Var u = firstU.apply(x);
    Var ul = firstUl.apply(x);
    us.push(u);
    uls.push(ul);
    for (Scale scale : down) {
      for (int i = 0; i < scale.u.size(); i++) {
        u = scale.u.get(i).apply(u, null, labels);
        ul = scale.ul.get(i).apply(ul, u, labels);
        us.push(u);
        uls.push(ul);
      }
      if (scale.downU != null) {
        u = scale.downU.apply(u);
        ul = scale.downUl.apply(ul);
        us.push(u);
        uls.push(ul);
      }
    }
    u = us.pop();
    ul = uls.pop();
    for (Scale scale : back) {
      for (int i = 0; i < scale.u.size(); i++) {
        u = scale.u.get(i).apply(u, us.pop(), labels);
        ul = scale.ul.get(i).apply(ul, concat(1, u, uls.pop()), labels);
      }
      if (scale.upU != null) {
        u = scale.upU.apply(u);
        ul = scale.upUl.apply(ul);
      }
    }
    return last.apply(elu(ul, 1)); // [n, P, height, width]
  }

  @Override
  void outputs(CausalProgram p, long[] labels) {
    Deque<Planes> us = new ArrayDeque<>();
    Deque<Planes> uls = new ArrayDeque<>();
    Planes u = p.conv(firstU, p.input());
    Planes ul = p.conv(firstUl, p.input());
    us.push(u);
    uls.push(ul);
    for (Scale scale : down) {
      for (int i = 0; i < scale.u.size(); i++) {
        u = scale.u.get(i).apply(p, u, null, labels);
        ul = scale.ul.get(i).apply(p, ul, u, labels);
        us.push(u);
        uls.push(ul);
      }
      if (scale.downU != null) {
        u = p.conv(scale.downU, u);
        ul = p.conv(scale.downUl, ul);
        us.push(u);
        uls.push(ul);
      }
    }
    u = us.pop();
    ul = uls.pop();
    for (Scale scale : back) {
      for (int i = 0; i < scale.u.size(); i++) {
        u = scale.u.get(i).apply(p, u, us.pop(), labels);
        ul = scale.ul.get(i).apply(p, ul, Planes.concat(u, uls.pop()), labels);
      }
      if (scale.upU != null) {
        u = p.conv(scale.upU, u);
        ul = p.conv(scale.upUl, ul);
      }
    }
    p.outputs(p.conv(last, p.unary(Unary.ELU, 1, ul)));
  }
}
