// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import org.generatrix.autograd.op.Add;
import org.generatrix.autograd.op.Cast;
import org.generatrix.autograd.op.Div;
import org.generatrix.autograd.op.MatMul;
import org.generatrix.autograd.op.Mean;
import org.generatrix.autograd.op.Mul;
import org.generatrix.autograd.op.Permute;
import org.generatrix.autograd.op.Reshape;
import org.generatrix.autograd.op.ScaleShift;
import org.generatrix.autograd.op.Sub;
import org.generatrix.autograd.op.Sum;
import org.generatrix.binding.View;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/** A value on a {@link Tape}: a tensor, and where it came from. The tape closes with its values. */
public final class Var {
  static final int CONSTANT = -1;

  private final Tape tape;
  private final Tensor value;
  final int id; // among those of the tape that carry a gradient, or CONSTANT

  Var(Tape tape, Tensor value, int id) {
    this.tape = tape;
    this.value = value;
    this.id = id;
  }

  public Tape tape() {
    return tape;
  }

  /** The elements; usually the tape's, see {@link Tape#take}. */
  public Tensor value() {
    return value;
  }

  /** For kernels. */
  public View view() {
    return value.view();
  }

  public DType dtype() {
    return value.dtype();
  }

  public long[] shape() {
    return value.shape();
  }

  public long size() {
    return value.size();
  }

  /** Whether a gradient can flow to it: it depends on a variable, on a tape that records. */
  public boolean needsGradient() {
    return id != CONSTANT;
  }

  /** The only element. */
  public double item() {
    return value.item();
  }

  /** The same value as a constant: no gradient flows through it. */
  public Var detach() {
    return needsGradient() ? tape.constant(value) : this;
  }

  // --- Arithmetic, with operands repeated by NumPy's rule ---

  public Var add(Var b) {
    return Add.of(this, b);
  }

  public Var add(double b) {
    return ScaleShift.of(this, 1, b);
  }

  public Var sub(Var b) {
    return Sub.of(this, b);
  }

  public Var sub(double b) {
    return ScaleShift.of(this, 1, -b);
  }

  public Var mul(Var b) {
    return Mul.of(this, b);
  }

  public Var mul(double b) {
    return ScaleShift.of(this, b, 0);
  }

  public Var div(Var b) {
    return Div.of(this, b);
  }

  public Var div(double b) {
    return ScaleShift.of(this, 1 / b, 0);
  }

  public Var neg() {
    return ScaleShift.of(this, -1, 0);
  }

  /** The product of matrices, as {@link MatMul}. */
  public Var matmul(Var b) {
    return MatMul.of(this, b);
  }

  /** Over the given axes, which go; over none given, all of them. */
  public Var sum(int... axes) {
    return Sum.of(this, axes);
  }

  /** As {@link #sum}. */
  public Var mean(int... axes) {
    return Mean.of(this, axes);
  }

  // --- Shape ---

  /** The same elements under another shape; one size may be -1. */
  public Var reshape(long... shape) {
    return Reshape.of(this, shape);
  }

  /** With two axes exchanged; -1 is the last one. */
  public Var transpose(int axis, int other) {
    return Permute.swapped(this, axis, other);
  }

  /** The same elements as another type, FLOAT32 or FLOAT64, rounded to it. */
  public Var to(DType type) {
    return Cast.of(this, type);
  }

  @Override
  public String toString() {
    return "Var[" + value.describe() + (needsGradient() ? ", with gradient]" : "]");
  }
}
