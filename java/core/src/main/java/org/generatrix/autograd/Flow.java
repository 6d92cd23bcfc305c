// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import java.util.Arrays;
import org.generatrix.autograd.op.Add;
import org.generatrix.binding.Elementwise;
import org.generatrix.tensor.Shape;

/**
 * What {@link Op#backward} sees of a backward pass: the operation's inputs and outputs, the
 * gradients of the outputs, and where the gradients of the inputs go.
 */
public final class Flow {
  private final Var[] gradients; // by id of the value
  private final boolean[] wanted; // by id
  private final PassMemory memory; // null if the pass is recorded, since then all of it stays
  private Op op;

  Flow(Var[] gradients, boolean[] wanted, PassMemory memory) {
    this.gradients = gradients;
    this.wanted = wanted;
    this.memory = memory;
  }

  /** Turns to an operation; false if no gradient flows through it. */
  boolean visit(Op next) {
    op = next;
    boolean flows = false;
    for (Var output : op.outputs) {
      flows |= gradients[output.id] != null;
    }
    boolean asked = false;
    for (int i = 0; flows && i < op.inputs.length; i++) {
      asked |= wants(i);
    }
    return asked;
  }

  public Var input(int i) {
    return op.inputs[i];
  }

  /** The only output. */
  public Var output() {
    return op.outputs[0];
  }

  public Var output(int j) {
    return op.outputs[j];
  }

  /** The gradient of the only output. */
  public Var gradient() {
    return gradients[op.outputs[0].id];
  }

  /** The gradient of an output, null if none flows. */
  public Var gradient(int j) {
    return gradients[op.outputs[j].id];
  }

  /** Whether the gradient of an input is asked for. */
  public boolean wants(int i) {
    int id = op.inputs[i].id;
    return id != Var.CONSTANT && wanted[id];
  }

  /** Whether this pass is itself recorded, so that it must be made of differentiable operations. */
  public boolean isRecording() {
    return memory == null;
  }

  /** Adds to the gradient of an input, which has its shape; nothing happens if it is not wanted. */
  public void add(int i, Var dx) {
    if (!wants(i)) {
      return;
    }
    Var x = op.inputs[i];
    if (!Arrays.equals(Shape.of(x.value()), Shape.of(dx.value()))) {
      throw new IllegalStateException(
          "expected the gradient of input %d of %s with shape %s, got %s"
              .formatted(
                  i,
                  op.getClass().getSimpleName(),
                  Arrays.toString(x.shape()),
                  Arrays.toString(dx.shape())));
    }
    Var before = gradients[x.id];
    if (before != null && memory != null && memory.isAlone(before)) {
      Elementwise.addScaled(before.tape().device(), 1, dx.view(), before.view());
      return;
    }
    Var after = before == null ? dx : Add.of(before, dx);
    gradients[x.id] = after;
    if (memory != null) {
      memory.keep(after);
      if (before != null) {
        memory.drop(before);
      }
    }
  }

  /** The operation is done; the gradients of its outputs are needed only if they were asked for. */
  void done(boolean[] asked) {
    for (Var output : op.outputs) {
      Var gradient = gradients[output.id];
      if (gradient != null && !asked[output.id]) {
        gradients[output.id] = null;
        memory.drop(gradient);
      }
    }
    memory.done();
  }
}
