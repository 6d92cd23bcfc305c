// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import static org.generatrix.autograd.Functions.concat;
import static org.generatrix.autograd.Functions.split;
import static org.generatrix.autograd.Resampling.depthToSpace;
import static org.generatrix.autograd.Resampling.spaceToDepth;
import static org.generatrix.autograd.Resampling.squeeze;
import static org.generatrix.autograd.Resampling.unsqueeze;
import static org.generatrix.binding.Resample.BlockOrder.BY_CHECKERBOARD;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.generatrix.autograd.Couplings;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.Base;
import org.generatrix.autograd.op.CouplingScale;
import org.generatrix.binding.Device;
import org.generatrix.model.flow.RealNvpConfig.Norm;
import org.generatrix.nn.Module;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * The multi-scale architecture (Dinh et al. 2017, section 3.6, eq. 13-16) from pictures [n,
 * channels, height, width] to rows [n, channels height width]:
 *
 * <pre>
 * each scale but the last:  3 checkerboard couplings, of parities 1, 0, 1
 *                           squeeze                        4 C channels of half the sides
 *                           3 couplings of channels, which change the last half, the first, the last
 *                           half of the numbers leaves     2 C channels of half the sides go on
 * the last scale:           4 checkerboard couplings, of parities 1, 0, 1, 0
 * </pre>
 *
 * <p>Couplings are affine with l = a tanh(s), a learned "amplitude" for each channel, from 1; their
 * networks begin at 0 and they at the identity. There is a batch norm behind each coupling but the
 * very last if the configuration says so.
 *
 * <p>What leaves are two pixels of each block of 2 x 2, those at (0, 1) and (1, 0), all channels;
 * those at (0, 0) and (1, 1) go on. That is the authors' order of channels at this place, {@code
 * BY_CHECKERBOARD}; the couplings see the four pixels of a channel one after the other, so that
 * their halves are not those of a checkerboard again.
 *
 * <p>A row of the result is what left at the first scale, [2 C, height / 2, width / 2], then what
 * left at the second, and so on, and what came out of the last scale at the end: fine structure
 * first.
 */
final class MultiScale extends Transform {
  private static final CouplingScale TANH = CouplingScale.tanh(1);

  private final PictureSize size;
  private final List<Scale> scales = new ArrayList<>(); // all but the last
  private final PictureSize lastSize;
  private final Compose last;
  private final long[] parts; // numbers that each leaves in a row

  /** A scale that is not the last. */
  private static final class Scale extends Module {
    final PictureSize size;
    final Compose checkerboards;
    final Compose halves;

    Scale(PictureSize size, Compose checkerboards, Compose halves) {
      this.size = size;
      this.checkerboards = child("checkerboards", checkerboards);
      this.halves = child("halves", halves);
    }
  }

  MultiScale(Device device, DType dtype, RealNvpConfig config) {
    size = config.size();
    PictureSize at = size;
    int width = config.channels();
    parts = new long[config.scales()];
    for (int i = 0; i + 1 < config.scales(); i++) {
      List<Transform> before = new ArrayList<>();
      List<Transform> after = new ArrayList<>();
      PictureSize squeezed = at.squeezed();
      for (int k = 0; k < 3; k++) {
        int parity = (k + 1) % 2;
        before.add(checkerboard(device, dtype, config, at, parity, width));
        normalise(before, device, dtype, config, at);
        after.add(half(device, dtype, config, squeezed, k == 1, 2 * width));
        normalise(after, device, dtype, config, squeezed);
      }
      scales.add(child("scale" + i, new Scale(at, new Compose(before), new Compose(after))));
      at = squeezed.halved();
      width *= 2;
      parts[i] = at.entries();
    }
    List<Transform> end = new ArrayList<>();
    for (int k = 0; k < 4; k++) {
      if (k > 0) {
        normalise(end, device, dtype, config, at);
      }
      end.add(checkerboard(device, dtype, config, at, (k + 1) % 2, width));
    }
    lastSize = at;
    last = child("last", new Compose(end));
    parts[parts.length - 1] = at.entries();
  }

  /**
   * A coupling that changes the pixels (i, j) with (i + j) mod 2 = parity.
   *
   * @param width channels inside of the network
   */
  static Coupling checkerboard(
      Device device, DType dtype, RealNvpConfig config, PictureSize size, int parity, int width) {
    double[] keeps = new double[size.pixels()];
    for (int at = 0; at < keeps.length; at++) {
      keeps[at] = (at / size.width() + at % size.width() + parity) % 2;
    }
    Tensor places = Tensor.zeros(device, dtype, 1, 1, size.height(), size.width());
    places.copyFrom(keeps);
    int c = size.channels();
    ConvResidualNet net = new ConvResidualNet(device, dtype, config, c, places, width, 2 * c);
    Tensor amplitude = Tensor.zeros(device, dtype, c);
    return new Coupling(device, Split.checkerboard(c, parity), TANH, net, amplitude);
  }

  /** A coupling that changes the first half of the channels, or the last. */
  static Coupling half(
      Device device,
      DType dtype,
      RealNvpConfig config,
      PictureSize size,
      boolean first,
      int width) {
    int c = size.channels();
    ConvResidualNet net = new ConvResidualNet(device, dtype, config, c / 2, null, width, c);
    Tensor amplitude = Tensor.zeros(device, dtype, c);
    Split split = Split.channels(c, size.height(), size.width(), !first);
    return new Coupling(device, split, TANH, net, amplitude);
  }

  private static void normalise(
      List<Transform> to, Device device, DType dtype, RealNvpConfig config, PictureSize size) {
    if (config.norm() == Norm.BATCH) {
      to.add(new BatchNormTransform(device, dtype, size.channels(), 0.9, 1e-4));
    }
  }

  @Override
  public long[] forwardShape(long... example) {
    return new long[] {size.entries()};
  }

  @Override
  public long[] inverseShape(long... example) {
    return size.example();
  }

  @Override
  public Mapped forward(Var x, Var logDet, Var context) {
    return forwardUnder(Base.NONE, x, logDet, context);
  }

  @Override
  public Mapped forwardUnder(Base base, Var x, Var logDet, Var context) {
    long n = x.shape()[0];
    Var[] z = new Var[parts.length];
    Var h = x;
    for (int i = 0; i < scales.size(); i++) {
      Scale scale = scales.get(i);
      Mapped at = scale.checkerboards.forward(h, logDet, context);
      at = scale.halves.forward(squeeze(at.value()), at.logDet(), context);
      Var ordered = spaceToDepth(unsqueeze(at.value()), 2, BY_CHECKERBOARD);
      long half = 2L * scale.size.channels();
      Var[] two = split(ordered, 1, half, half);
      h = two[0];
      z[i] = two[1].reshape(n, parts[i]);
      logDet = base == Base.NONE ? at.logDet() : Couplings.baseLogDensity(z[i], at.logDet(), base);
    }
    Mapped end = last.forwardUnder(base, h, logDet, context);
    z[z.length - 1] = end.value().reshape(n, parts[z.length - 1]);
    return new Mapped(z.length == 1 ? z[0] : concat(1, z), end.logDet());
  }

  @Override
  public Mapped inverse(Var y, Var logDet, Var context) {
    long[] shape = y.shape();
    if (shape.length != 2 || shape[1] != size.entries()) {
      throw new IllegalArgumentException(
          "expected rows [n, %d], got %s".formatted(size.entries(), Arrays.toString(shape)));
    }
    long n = shape[0];
    Var[] z = parts.length == 1 ? new Var[] {y} : split(y, 1, parts);
    Mapped at = last.inverse(z[z.length - 1].reshape(lastSize.shape(n)), logDet, context);
    for (int i = scales.size() - 1; i >= 0; i--) {
      Scale scale = scales.get(i);
      Var left = z[i].reshape(scale.size.squeezed().halved().shape(n));
      Var whole = depthToSpace(concat(1, at.value(), left), 2, BY_CHECKERBOARD);
      at = scale.halves.inverse(squeeze(whole), at.logDet(), context);
      at = scale.checkerboards.inverse(unsqueeze(at.value()), at.logDet(), context);
    }
    return at;
  }
}
