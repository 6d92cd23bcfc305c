// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import java.util.List;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Conv;

/**
 * The shape rules of convolutions: between arrays [batch, channels, sizes ..] and what kernels
 * take.
 */
final class ConvShapes {
  private static final int AXES = 3;
  private static final String[] SIZES = {"length", "height, width", "depth, height, width"};

  private ConvShapes() {}

  /** Of a convolution of x with so many output channels. */
  static Conv.Shape of(
      Var x, long outChannels, Window w, TapMask m, boolean transposed, Activation f, double p) {
    long[] shape = x.shape();
    int axes = w.axes();
    if (shape.length != axes + 2) {
      throw new IllegalArgumentException(
          "expected x [batch, channels, %s] for a kernel of %d axes, got %s"
              .formatted(SIZES[axes - 1], axes, Arrays.toString(shape)));
    }
    return new Conv.Shape(
        transposed,
        shape[0],
        shape[1],
        outChannels,
        w.groups(),
        sizes(Arrays.copyOfRange(shape, 2, shape.length)),
        sizes(numbers(w.kernel())),
        sizes(numbers(w.stride())),
        along(0, numbers(w.padding())),
        sizes(numbers(w.dilation())),
        along(0, numbers(w.outputPadding())),
        f,
        p,
        m.words(),
        m.colours(),
        m.strictCentre());
  }

  private static long[] numbers(List<Integer> values) {
    return values.stream().mapToLong(Integer::longValue).toArray();
  }

  private static long[] sizes(long... last) {
    return along(1, last);
  }

  // For depth, height, width, of which the last ones are given.
  private static long[] along(long missing, long... last) {
    long[] all = new long[AXES];
    Arrays.fill(all, missing);
    System.arraycopy(last, 0, all, AXES - last.length, last.length);
    return all;
  }

  /** [batch, channels, sizes of so many axes]. */
  static long[] array(int axes, long batch, long channels, long... sizes) {
    long[] shape = new long[axes + 2];
    shape[0] = batch;
    shape[1] = channels;
    System.arraycopy(sizes, AXES - axes, shape, 2, axes);
    return shape;
  }

  /** The shape of the weights of so many axes. */
  static long[] weight(Conv.Shape s, int axes) {
    return s.transposed()
        ? array(axes, s.inChannels(), s.outChannels() / s.groups(), s.kernel())
        : array(axes, s.outChannels(), s.inChannels() / s.groups(), s.kernel());
  }

  /** The same without an activation. */
  static Conv.Shape linear(Conv.Shape s) {
    return s.activation() == Activation.NONE
        ? s
        : changed(
            s, s.transposed(), s.inChannels(), s.outChannels(), s.inSize(), s.outputPadding());
  }

  /**
   * The other way round with the same weights, from pixels of outSize: to those of inSize, or,
   * where an output padding reaches over a stride, to a few more at the end.
   */
  static Conv.Shape flipped(Conv.Shape s, long... outSize) {
    long[] padding = new long[AXES];
    for (int a = 0; a < AXES && !s.transposed(); a++) {
      long least =
          (outSize[a] - 1) * s.stride()[a]
              - 2 * s.padding()[a]
              + s.dilation()[a] * (s.kernel()[a] - 1)
              + 1;
      padding[a] = s.inSize()[a] - least; // what the stride stepped over
    }
    return changed(s, !s.transposed(), s.outChannels(), s.inChannels(), outSize, padding);
  }

  private static Conv.Shape changed(
      Conv.Shape s, boolean transposed, long in, long out, long[] inSize, long... outputPadding) {
    return new Conv.Shape(
        transposed,
        s.batch(),
        in,
        out,
        s.groups(),
        inSize,
        s.kernel(),
        s.stride(),
        s.padding(),
        s.dilation(),
        outputPadding,
        Activation.NONE,
        0,
        s.liveTaps(),
        s.colours(),
        s.centreIsStrict());
  }
}
