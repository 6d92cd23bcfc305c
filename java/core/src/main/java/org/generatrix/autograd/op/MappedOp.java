// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd.op;

import java.util.Arrays;
import org.generatrix.autograd.Flow;
import org.generatrix.autograd.Mapped;
import org.generatrix.autograd.Op;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.binding.ArrayOps;
import org.generatrix.binding.View;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Shape;
import org.generatrix.tensor.Tensor;

/**
 * What the steps of a flow share: an operand x and others, to y and the log-determinant, to which
 * what came in is added. The gradient of the log-determinant that came in is that of the one that
 * went out. The others come from one native call, which makes x's values again from nothing but the
 * operands; they have no gradients of their own.
 */
abstract class MappedOp extends Op {
  private int operands;
  private boolean gathers; // a log-determinant came in, the last input

  /** For the log-determinants that go out of a map of x, after a check of those that came in. */
  static Tensor logDet(Var x, Var logDetIn) {
    long rows = Batch.rows("x", x);
    if (logDetIn != null
        && (logDetIn.dtype() != DType.FLOAT64
            || !Arrays.equals(Shape.of(logDetIn.value()), new long[] {rows}))) {
      throw new IllegalArgumentException(
          "expected the log-determinant as FLOAT64 [%d], got %s %s"
              .formatted(rows, logDetIn.dtype(), Arrays.toString(logDetIn.shape())));
    }
    return x.tape().empty(DType.FLOAT64, rows);
  }

  static View view(Var v) {
    return v == null ? null : v.view();
  }

  final Mapped record(Tensor y, Tensor logDet, Var logDetIn, Var... inputs) {
    operands = inputs.length;
    gathers = logDetIn != null;
    Var[] all = inputs;
    if (gathers) {
      all = Arrays.copyOf(inputs, operands + 1);
      all[operands] = logDetIn;
    }
    Var[] made = record(new Tensor[] {y, logDet}, all);
    return new Mapped(made[0], made[1]);
  }

  /**
   * Writes the gradients of the operands; one that is null is not wanted.
   *
   * @param dLogDet null for zeros
   */
  abstract void gradients(Flow g, View dy, View dLogDet, View... made);

  @Override
  protected final void backward(Flow g) {
    Var dLogDet = g.gradient(1);
    if (gathers && dLogDet != null) {
      g.add(operands, dLogDet);
    }
    boolean wanted = false;
    for (int i = 0; i < operands; i++) {
      wanted |= g.wants(i);
    }
    if (!wanted) {
      return;
    }
    Var dy = g.gradient(0) == null ? zeros(g.output(0)) : g.gradient(0);
    Var[] flowing = dLogDet == null ? new Var[] {dy} : new Var[] {dy, dLogDet};
    FusedGradient.add(g, operands, made -> gradients(g, dy.view(), view(dLogDet), made), flowing);
  }

  private static Var zeros(Var like) {
    Tape tape = like.tape();
    Tensor zeros = tape.empty(like.dtype(), Shape.of(like.value()));
    ArrayOps.fill(tape.device(), 0, zeros.view());
    return tape.constant(zeros);
  }
}
