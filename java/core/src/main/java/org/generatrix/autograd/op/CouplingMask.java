// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Coupling;
import org.generatrix.binding.Coupling.Pattern;
import org.generatrix.binding.Device;
import org.generatrix.binding.States;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Shape;
import org.generatrix.tensor.Tensor;

/**
 * What a coupling keeps and what it changes of an example [channels, height, width], whose elements
 * are counted row-major (b of Dinh et al. 2017, eq. 9). Spans and checkerboards are rules, of which
 * the kernels read no mask; bits are read.
 */
public final class CouplingMask {
  private final Pattern pattern;
  private final int parity;
  private final long begin;
  private final long end;
  private final boolean[] kept; // of bits in Java, else null
  private final Tensor keptBits; // of bits on a device, else null

  private CouplingMask(
      Pattern pattern, int parity, long begin, long end, boolean[] kept, Tensor keptBits) {
    this.pattern = pattern;
    this.parity = parity;
    this.begin = begin;
    this.end = end;
    this.kept = kept;
    this.keptBits = keptBits;
  }

  // --- Which there are ---

  /**
   * Elements begin .. end - 1 are changed. Of C channels of P pixels, the last half are those from
   * C / 2 P to C P. Parameters are of the changed elements only.
   */
  public static CouplingMask span(long begin, long end) {
    if (begin < 0 || end < begin) {
      throw new IllegalArgumentException(
          "expected a span from 0 <= begin to end >= begin, got %d to %d".formatted(begin, end));
    }
    return new CouplingMask(Pattern.SPAN, 0, begin, end, null, null);
  }

  /** Of so many elements, the first {@code changed} are changed. */
  public static CouplingMask firstChanged(long units, long changed) {
    return span(0, part(units, changed));
  }

  /** Of so many elements, the last {@code changed} are changed. */
  public static CouplingMask lastChanged(long units, long changed) {
    return span(units - part(units, changed), units);
  }

  private static long part(long units, long changed) {
    if (changed < 0 || changed > units) {
      throw new IllegalArgumentException(
          "expected between 0 and %d changed elements, got %d".formatted(units, changed));
    }
    return changed;
  }

  /** Pixels (i, j) with (i + j) mod 2 = parity are changed, in every channel. */
  public static CouplingMask checkerboard(int parity) {
    if (parity != 0 && parity != 1) {
      throw new IllegalArgumentException("parity must be 0 or 1, got " + parity);
    }
    return new CouplingMask(Pattern.CHECKERBOARD, parity, 0, 0, null, null);
  }

  /**
   * Any pattern, one for each element of an example: true where it is kept. Each call puts it on
   * the device; {@link #on} does so once.
   */
  public static CouplingMask bits(boolean... kept) {
    return new CouplingMask(Pattern.BITS, 0, 0, 0, kept.clone(), null);
  }

  /** The same of BITS [1, elements] that are the caller's, as a buffer of a model is. */
  public static CouplingMask bits(Tensor kept) {
    if (kept.dtype() != DType.BITS || kept.rows() != 1) {
      throw new IllegalArgumentException("expected BITS [1, elements], got " + kept.describe());
    }
    return new CouplingMask(Pattern.BITS, 0, 0, 0, null, kept);
  }

  // --- Others made of it ---

  /**
   * The same with its bits on a device, made once: for a transform that keeps its mask. Others are
   * already so.
   *
   * @param owner takes the bits, closes them later and returns them: {@code this::own} in a module
   */
  public CouplingMask on(Device device, UnaryOperator<Tensor> owner) {
    return kept == null ? this : bits(owner.apply(tensor(device)));
  }

  /** What is kept here is changed there. The elements of an example are {@code units}. */
  public CouplingMask opposite(long units) {
    if (pattern == Pattern.CHECKERBOARD) {
      return checkerboard(1 - parity);
    }
    requireFits(units);
    if (pattern == Pattern.SPAN && begin == 0) {
      return span(end, units);
    }
    if (pattern == Pattern.SPAN && end == units) {
      return span(0, begin);
    }
    boolean[] others = new boolean[Math.toIntExact(units)];
    if (pattern == Pattern.SPAN) {
      Arrays.fill(others, (int) begin, (int) end, true);
    } else {
      boolean[] now = kept();
      for (int i = 0; i < others.length; i++) {
        others[i] = !now[i];
      }
    }
    return bits(others);
  }

  /** Elements of an example that have parameters: of a span those changed, else all. */
  public long parameterUnits(long units) {
    return pattern == Pattern.SPAN ? end - begin : units;
  }

  // --- For the operations ---

  /** Of x [n, channels], [n, channels, length] or [n, channels, height, width]. */
  Coupling.Examples over(Var x) {
    long[] shape = Shape.of(x.value());
    int rank = shape.length;
    boolean pictures = pattern == Pattern.CHECKERBOARD;
    if (rank < (pictures ? 3 : 2) || rank > 4) {
      throw Batch.shape(
          "x",
          pictures
              ? "[n, channels, height, width]"
              : "[n, channels] to [n, channels, height, width]",
          x);
    }
    requireFits(Batch.product(shape, 1));
    return new Coupling.Examples(
        shape[0],
        shape[1],
        rank == 4 ? shape[2] : 1,
        rank > 2 ? shape[rank - 1] : 1,
        pattern,
        parity,
        begin,
        end);
  }

  private void requireFits(long units) {
    if (pattern == Pattern.SPAN && end > units) {
      throw new IllegalArgumentException(
          "expected a span within the %d elements of an example, got %d to %d"
              .formatted(units, begin, end));
    }
    if (pattern == Pattern.BITS && length() != units) {
      throw new IllegalArgumentException(
          "expected bits for the %d elements of an example, got %d".formatted(units, length()));
    }
  }

  private long length() {
    return kept == null ? keptBits.size() : kept.length;
  }

  /** The bits for a call on this tape; null for rules. */
  States states(Tape tape) {
    if (pattern != Pattern.BITS) {
      return null;
    }
    return (kept == null ? keptBits : tape.own(tensor(tape.device()))).states();
  }

  private Tensor tensor(Device device) {
    float[] values = new float[kept.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = kept[i] ? 1 : 0;
    }
    Tensor bits = Tensor.bits(device, 1, kept.length);
    bits.copyFrom(values);
    return bits;
  }

  private boolean[] kept() {
    if (kept != null) {
      return kept;
    }
    float[] values = keptBits.toArray();
    boolean[] read = new boolean[values.length];
    for (int i = 0; i < read.length; i++) {
      read[i] = values[i] == 1;
    }
    return read;
  }

  @Override
  public String toString() {
    return switch (pattern) {
      case SPAN -> "elements " + begin + " to " + end + " changed";
      case CHECKERBOARD -> "checkerboard " + parity + " changed";
      case BITS -> "bits of " + length() + " elements";
    };
  }
}
