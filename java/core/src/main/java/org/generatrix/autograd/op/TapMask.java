// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which taps of a kernel are live: the others are neither computed nor trained. Taps are numbered
 * in raster order, the one in the middle of an odd kernel is its centre.
 *
 * @param taps the live ones, ascending; empty for all
 * @param colours above 1: at the centre, both sides of the weight are cut into so many equal runs
 *     of channels, and an output channel sees only inputs of its colour and those before
 * @param strictCentre with colours: of those before only
 */
public record TapMask(List<Integer> taps, int colours, boolean strictCentre) {
  private static final int WORDS = 4;
  private static final int MOST = 64 * WORDS;
  private static final TapMask ALL = new TapMask(List.of(), 1, false);

  public TapMask {
    taps = taps.stream().sorted().distinct().toList();
    if (!taps.isEmpty() && (taps.get(0) < 0 || taps.get(taps.size() - 1) >= MOST)) {
      throw new IllegalArgumentException("expected taps in [0, 256), got " + taps);
    }
    if (colours < 1) {
      throw new IllegalArgumentException("colours must be at least 1, got " + colours);
    }
  }

  /** Every tap. */
  public static TapMask all() {
    return ALL;
  }

  /** These taps, at least one. */
  public static TapMask of(int... liveTaps) {
    return some(1, false, IntStream.of(liveTaps));
  }

  /**
   * Taps before the centre in raster order, as PixelCNN has them (van den Oord, Kalchbrenner,
   * Kavukcuoglu 2016).
   *
   * @param w with an odd kernel
   * @param includeCentre mask B: with the centre; else mask A
   * @param colours that a pixel is made of in this order, red before green before blue: at the
   *     centre, B sees its own colour and those before, A those before; 1 for none
   */
  public static TapMask causal(Window w, boolean includeCentre, int colours) {
    int centre = centre(w);
    boolean live = includeCentre || colours > 1;
    return some(colours, !includeCentre, IntStream.range(0, live ? centre + 1 : centre));
  }

  /**
   * All of the rows above the centre's, and with it if asked for: the vertical stack of a gated
   * PixelCNN (van den Oord et al. 2016).
   */
  public static TapMask topHalf(Window w, boolean withCentreRow) {
    int width = width(w);
    int row = centre(w) / width;
    return some(1, false, IntStream.range(0, (withCentreRow ? row + 1 : row) * width));
  }

  /** What lies left of the centre in its row, and the centre if asked for: the horizontal stack. */
  public static TapMask leftHalf(Window w, boolean includeCentre) {
    return leftHalf(w, includeCentre, 1);
  }

  /** The same with colours at the centre, as {@link #causal} has them. */
  public static TapMask leftHalf(Window w, boolean includeCentre, int colours) {
    int centre = centre(w);
    boolean live = includeCentre || colours > 1;
    return some(
        colours,
        !includeCentre,
        IntStream.range(centre - centre % width(w), live ? centre + 1 : centre));
  }

  private static int width(Window w) {
    return w.kernel().get(w.axes() - 1);
  }

  private static int centre(Window w) {
    if (w.taps() % 2 == 0) {
      throw new IllegalArgumentException("expected a kernel with a centre, got " + w.kernel());
    }
    return w.taps() / 2;
  }

  private static TapMask some(int colours, boolean strict, IntStream taps) {
    List<Integer> live = taps.boxed().toList();
    if (live.isEmpty()) {
      throw new IllegalArgumentException("expected at least one live tap, got none");
    }
    return new TapMask(live, colours, strict && colours > 1);
  }

  /** Whether nothing is left out. */
  public boolean isAll() {
    return taps.isEmpty() && colours == 1;
  }

  /** How many taps of this kernel are live. */
  public int live(Window w) {
    return taps.isEmpty() ? w.taps() : taps.size();
  }

  /** The taps as bits, as the kernels take them. */
  long[] words() {
    long[] words = new long[WORDS];
    taps.forEach(tap -> words[tap / Long.SIZE] |= 1L << tap % Long.SIZE);
    return words;
  }

  @Override
  public String toString() {
    String which = taps.isEmpty() ? "all taps" : "taps " + Arrays.toString(taps.toArray());
    return colours == 1
        ? which
        : which + ", " + colours + (strictCentre ? " strict colours" : " colours");
  }
}
