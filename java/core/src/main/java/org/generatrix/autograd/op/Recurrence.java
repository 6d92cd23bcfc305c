// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.Activation;
import org.generatrix.binding.DeviceBuffer;
import org.generatrix.binding.Linear;
import org.generatrix.binding.View;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * A recurrent cell over T steps, from the input's part of the pre-activations, which one product
 * gives for all steps before:
 *
 * <pre>
 *   x [T, B, gates U]   the input's pre-activations, bias included
 *   h0 [B, U]           the state before the first step (an LSTM has c0 too)
 *   W [gates U, U], b   the state's weights; b may be none
 * </pre>
 *
 * to the states h [T, B, U] of all steps and the last one again, [B, U]. The gradient goes back
 * through time: a pass and a product a step, and one product for W over all steps. It has no second
 * derivative.
 */
abstract class Recurrence extends Op {
  final long steps;
  final long rows;
  final long units;
  final int gates;
  private final Tape tape;
  private final DType dtype;
  private final boolean records;

  Recurrence(int gates, Var x, Var weight, Var b, Var... states) {
    long[] shape = x.shape();
    long[] w = weight.shape();
    if (shape.length != 3 || w.length != 2 || w[0] != gates * w[1] || shape[2] != w[0]) {
      throw new IllegalArgumentException(
          "expected gates of x [T, B, %d U] and W [%d U, U], got %s and %s"
              .formatted(gates, gates, Arrays.toString(shape), Arrays.toString(w)));
    }
    if (shape[0] < 1) {
      throw new IllegalArgumentException("expected at least one step, got none");
    }
    if (b != null && !Arrays.equals(b.shape(), new long[] {w[0]})) {
      throw new IllegalArgumentException(
          "expected b [%d], got %s".formatted(w[0], Arrays.toString(b.shape())));
    }
    for (Var state : states) {
      if (!Arrays.equals(state.shape(), new long[] {shape[1], w[1]})) {
        throw new IllegalArgumentException(
            "expected a first state [%d, %d], got %s"
                .formatted(shape[1], w[1], Arrays.toString(state.shape())));
      }
    }
    this.gates = gates;
    steps = shape[0];
    rows = shape[1];
    units = w[1];
    tape = x.tape();
    dtype = x.dtype();
    boolean needed = x.needsGradient() || weight.needsGradient();
    needed |= b != null && b.needsGradient();
    for (Var state : states) {
      needed |= state.needsGradient();
    }
    records = needed && tape.isRecording();
  }

  final Tape tape() {
    return tape;
  }

  final Tensor empty(long... shape) {
    return tape.empty(dtype, shape);
  }

  /** [steps, rows, width], or the memory of one step where no gradient will come. */
  final Tensor kept(long width) {
    return empty(records ? steps : 1, rows, width);
  }

  /** Step t of what has one of each step, or of one. */
  static View at(Tensor all, long t) {
    long[] shape = all.shape();
    long size = shape[1] * shape[2];
    return step(all.view(), shape[0] == 1 ? 0 : t, size);
  }

  private static View step(View all, long t, long size) {
    return new View(all.buffer(), all.offset() + t * size, size, all.format());
  }

  /** The state's pre-activations of a step: to = h W' + b. */
  final void product(View h, Var weight, Var b, View to) {
    Linear.linear(
        tape.device(),
        new Linear.Shape(rows, units, gates * units, Activation.NONE, 0),
        h,
        weight.view(),
        b == null ? null : b.view(),
        to);
  }

  /** dh = dgates W, or dh + dgates W. */
  final void back(View dGates, Var weight, boolean accumulate, View dh) {
    Linear.matmul(
        tape.device(),
        new Linear.Product(1, rows, units, gates * units, false, false, false, false),
        accumulate,
        dGates,
        weight.view(),
        dh);
  }

  final Tensor last(Tensor h) {
    Tensor copy = empty(rows, units);
    DeviceBuffer from = h.buffer();
    long element = dtype.format().elementBytes();
    View view = at(h, steps - 1);
    copy.buffer().copyFrom(0, from, view.offset() * element, view.count() * element);
    return copy;
  }

  static View view(Var v) {
    return v == null ? null : v.view();
  }

  static void requireFirstDerivative(Flow g) {
    if (g.isRecording()) {
      throw new UnsupportedOperationException(
          "expected a first derivative, got the second of a recurrent cell, which it has not");
    }
  }

  /** The gradients of W, input {@code i}, and b after it, from those of the state's products. */
  final void weights(Flow g, int i, boolean withBias, Tensor dGates, Tensor h, Var h0) {
    long wide = gates * units;
    if (g.wants(i)) {
      Tensor dWeight = empty(wide, units);
      Linear.matmul(
          tape.device(),
          new Linear.Product(1, wide, units, rows, true, false, false, false),
          false,
          at(dGates, 0),
          h0.view(),
          dWeight.view());
      long rest = (steps - 1) * rows;
      if (rest > 0) {
        View all = dGates.view();
        Linear.matmul(
            tape.device(),
            new Linear.Product(1, wide, units, rest, true, false, false, false),
            true,
            new View(all.buffer(), all.offset() + rows * wide, rest * wide, all.format()),
            new View(h.buffer(), h.view().offset(), rest * units, all.format()),
            dWeight.view());
      }
      g.add(i, tape.constant(dWeight));
    }
    if (withBias && g.wants(i + 1)) {
      Tensor db = empty(wide);
      Linear.linearBackward(
          tape.device(),
          new Linear.Shape(steps * rows, units, wide, Activation.NONE, 0),
          dGates.view(),
          null,
          null,
          null,
          null,
          null,
          db.view());
      g.add(i + 1, tape.constant(db));
    }
  }

  /** The gradient of step t of the states, null where none flows. */
  final View stepOf(Var gradient, long t) {
    return gradient == null ? null : step(gradient.view(), t, rows * units);
  }

  static Var[] operands(Var b, Var... others) {
    if (b == null) {
      return others;
    }
    Var[] all = Arrays.copyOf(others, others.length + 1);
    all[others.length] = b;
    return all;
  }
}
