// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.model.flow;

import static org.generatrix.autograd.Functions.gather;
import static org.generatrix.autograd.Functions.narrow;

import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.CouplingMask;

/**
 * How a coupling divides an example: what it changes, and how its network sees the rest.
 *
 * @param mask what is changed
 * @param kept from an example x to what the network sees of it
 * @param keptUnits numbers that it sees: units of vectors, channels of pictures
 * @param parameterUnits numbers for each of s and t: units of vectors, channels of pictures
 */
public record Split(
    CouplingMask mask, UnaryOperator<Var> kept, long keptUnits, long parameterUnits) {

  public Split {
    Objects.requireNonNull(mask, "mask");
    Objects.requireNonNull(kept, "kept");
  }

  /** Of vectors, the first so many units are changed. */
  public static Split firstChanged(long units, long changed) {
    requirePart(units, changed);
    return new Split(
        CouplingMask.firstChanged(units, changed),
        x -> narrow(x, 1, changed, units - changed),
        units - changed,
        changed);
  }

  /** Of vectors, the last so many units are changed. */
  public static Split lastChanged(long units, long changed) {
    requirePart(units, changed);
    return new Split(
        CouplingMask.lastChanged(units, changed),
        x -> narrow(x, 1, 0, units - changed),
        units - changed,
        changed);
  }

  /**
   * Of vectors, any units: true where they are kept. Networks make parameters for all units, those
   * of kept ones are not used; unless the units changed are the first or the last.
   */
  public static Split bits(boolean... kept) {
    long[] index = LongStream.range(0, kept.length).filter(i -> kept[Math.toIntExact(i)]).toArray();
    long changed = kept.length - index.length;
    requirePart(kept.length, changed);
    if (index[0] == changed) {
      return firstChanged(kept.length, changed);
    }
    if (index[index.length - 1] == index.length - 1) {
      return lastChanged(kept.length, changed);
    }
    return new Split(CouplingMask.bits(kept), x -> gather(x, 1, index), index.length, kept.length);
  }

  /**
   * Of pictures, half of the channels, the later ones if there is an odd number and they change.
   */
  public static Split channels(long channels, long height, long width, boolean lastChanged) {
    long first = channels / 2;
    requirePart(channels, first);
    long pixels = Math.multiplyExact(height, width);
    return lastChanged
        ? new Split(
            CouplingMask.span(first * pixels, channels * pixels),
            x -> narrow(x, 1, 0, first),
            first,
            channels - first)
        : new Split(
            CouplingMask.span(0, first * pixels),
            x -> narrow(x, 1, first, channels - first),
            channels - first,
            first);
  }

  /**
   * Of pictures, pixels (i, j) with (i + j) mod 2 = parity change. The network sees all of x and
   * must itself leave aside what changes, as one does that multiplies by a mask.
   */
  public static Split checkerboard(long channels, int parity) {
    return new Split(
        CouplingMask.checkerboard(parity), UnaryOperator.identity(), channels, channels);
  }

  private static void requirePart(long units, long changed) {
    if (changed < 1 || changed >= units) {
      throw new IllegalArgumentException(
          "expected a part of %d units to change and another to stay, got %d to change"
              .formatted(units, changed));
    }
  }
}
