// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import org.generatrix.tensor.Tensor;

/**
 * One operation, as recorded. A subclass holds its shape rule and forward pass in a static method
 * {@code of}, which ends in {@link #record}, and its gradient in {@link #backward}; what the
 * gradient needs beside inputs and outputs it keeps in fields.
 *
 * <p>Gradients are made of operations too, so that a tape that records them has second derivatives.
 * An operation without {@link #backward} is one that cannot be differentiated, for instance the
 * fused gradient of another.
 */
public abstract class Op {
  Var[] inputs;
  Var[] outputs;

  /**
   * Adds to the gradients of the inputs, given those of the outputs.
   *
   * @throws UnsupportedOperationException if this operation has no gradient
   */
  protected void backward(Flow g) {
    throw new UnsupportedOperationException(
        "expected a differentiable operation, got " + getClass().getSimpleName());
  }

  /** Puts the result on the tape of the inputs. */
  protected final Var record(Tensor output, Var... inputs) {
    return record(new Tensor[] {output}, inputs)[0];
  }

  /** Puts several results on the tape of the inputs. */
  protected final Var[] record(Tensor[] results, Var... inputs) {
    Tape tape = inputs[0].tape();
    boolean needed = false;
    for (Var input : inputs) {
      if (input.tape() != tape) {
        throw new IllegalArgumentException(
            "expected operands of one tape, got "
                + getClass().getSimpleName()
                + " of values of two");
      }
      needed |= input.needsGradient();
    }
    Var[] made = new Var[results.length];
    boolean recorded = needed && tape.isRecording();
    for (int i = 0; i < made.length; i++) {
      made[i] = recorded ? tape.node(results[i]) : tape.constant(results[i]);
    }
    if (recorded) {
      this.inputs = inputs;
      this.outputs = made;
      tape.add(this);
    }
    return made;
  }
}
