// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.generatrix.binding.Device;
import org.generatrix.binding.Rng;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Tensor;

/**
 * What a computation did, so that it can be differentiated backwards. A tape is an ordinary object
 * of one thread: make one for a step of training or a batch of scoring, close it after. It owns and
 * closes every tensor made on it, gradients included; parameters and data are only borrowed.
 *
 * <pre>{@code
 * try (Tape tape = Tape.training(device, seed, step)) {
 *   Var x = tape.constant(batch);
 *   Var W = tape.variable(weight);
 *   Var loss = mean(square(matmul(x, W)));
 *   Tensor dW = tape.gradients(loss).of(weight);
 * }
 * }</pre>
 */
public final class Tape implements AutoCloseable {
  /** Draws of one tape; its random numbers are those of the steps from step * 2^16 on. */
  private static final int DRAWS = 1 << 16;

  private final Device device;
  private final boolean training;
  private final long seed;
  private final long step;
  private final List<Op> ops = new ArrayList<>();
  private final List<Tensor> owned = new ArrayList<>();
  private final Map<Tensor, Var> variables = new IdentityHashMap<>();
  private int nodes; // values that carry a gradient
  private int draws;
  private boolean recording;
  private PassMemory pass; // of the backward pass at hand, if its memory can go early
  private boolean closed;

  private Tape(Device device, boolean training, long seed, long step) {
    this.device = device;
    this.training = training;
    this.recording = training;
    this.seed = seed;
    this.step = step;
  }

  /**
   * A tape that records; layers behave as in training.
   *
   * @param step of training, in [0, 2^40): the same seed and step draw the same random numbers
   */
  public static Tape training(Device device, long seed, long step) {
    return new Tape(device, true, seed, checked(step));
  }

  /** A tape that records nothing; layers behave as in evaluation. */
  public static Tape inference(Device device, long seed, long step) {
    return new Tape(device, false, seed, checked(step));
  }

  /** {@link #inference(Device, long, long)} for computations without random numbers. */
  public static Tape inference(Device device) {
    return inference(device, 0, 0);
  }

  private static long checked(long step) {
    if (step < 0 || step >= 1L << 40) {
      throw new IllegalArgumentException("expected a step in [0, 2^40), got " + step);
    }
    return step;
  }

  public Device device() {
    return device;
  }

  /** Whether layers that tell training from evaluation are to train. */
  public boolean isTraining() {
    return training;
  }

  /** Whether operations are being recorded. */
  public boolean isRecording() {
    return recording;
  }

  /** The stream of the next random draw. */
  public Rng nextRng() {
    if (draws == DRAWS) {
      throw new IllegalStateException("expected at most " + DRAWS + " random draws of one tape");
    }
    return new Rng(seed, step * DRAWS + draws++);
  }

  /** A value that no gradient flows to; the tensor is borrowed. */
  public Var constant(Tensor value) {
    return new Var(this, open(value), Var.CONSTANT);
  }

  /**
   * A value to differentiate with respect to; the tensor is borrowed. The same tensor is the same
   * variable.
   */
  public Var variable(Tensor value) {
    Var known = variables.get(value);
    if (known == null) {
      known = recording ? node(open(value)) : constant(value);
      variables.put(value, known);
    }
    return known;
  }

  Var node(Tensor value) {
    return new Var(this, value, nodes++);
  }

  void add(Op op) {
    ops.add(op);
  }

  /** For the output of an operation: a tensor of this tape, whose contents are not defined. */
  public Tensor empty(DType dtype, long... shape) {
    Tensor tensor = own(Tensor.empty(open(device), dtype, shape));
    if (pass != null) {
      pass.allocated(tensor);
    }
    return tensor;
  }

  private <T> T open(T value) {
    if (closed) {
      throw new IllegalStateException("expected an open tape, got a closed one");
    }
    return value;
  }

  /** Gives a tensor to this tape, which closes it. */
  public Tensor own(Tensor tensor) {
    owned.add(tensor);
    return tensor;
  }

  /** A copy of a value that outlives the tape; the caller closes it. */
  public Tensor take(Var value) {
    return value.value().copy();
  }

  /** The gradients of a single number with respect to every variable. */
  public Gradients gradients(Var loss) {
    requireOne(loss);
    return gradients(loss, one(loss));
  }

  private static void requireOne(Var loss) {
    if (loss.size() != 1) {
      throw new IllegalArgumentException(
          "expected a loss of one element, got shape " + Arrays.toString(loss.shape()));
    }
  }

  private Tensor one(Var like) {
    Tensor one = empty(like.dtype(), like.shape());
    one.copyFrom(new float[] {1});
    return one;
  }

  /**
   * The gradients of a single number with respect to some variables only, such as the parameters of
   * one of two networks: nothing is computed for the others.
   */
  public Gradients gradients(Var loss, Collection<Tensor> of) {
    requireOne(loss);
    Var[] leaves =
        of.stream()
            .map(variables::get)
            .filter(v -> v != null && v.needsGradient())
            .toArray(Var[]::new);
    return gradients(loss, one(loss), leaves);
  }

  /** The gradients of sum(y dy) with respect to every variable; dy has the shape of y. */
  public Gradients gradients(Var y, Tensor dy) {
    Var[] leaves = variables.values().stream().filter(Var::needsGradient).toArray(Var[]::new);
    return gradients(y, dy, leaves);
  }

  private Gradients gradients(Var y, Tensor dy, Var[] leaves) {
    Var[] gradients = differentiate(y, dy, false, leaves);
    Gradients result = new Gradients();
    for (int i = 0; i < leaves.length; i++) {
      if (gradients[i] != null) {
        result.put(leaves[i].value(), gradients[i].value());
      }
    }
    return result;
  }

  /**
   * The gradients of sum(y dy) with respect to given values, which need not be variables.
   *
   * @param dy of the shape of y
   * @param createGraph whether the gradients are themselves recorded, so that what is made of them
   *     can be differentiated again
   * @return one for each of xs, null where y does not depend on it
   */
  public Var[] differentiate(Var y, Tensor dy, boolean createGraph, Var... xs) {
    if (!Arrays.equals(dy.shape(), y.shape())) {
      throw new IllegalArgumentException(
          "expected dy with shape %s, got %s"
              .formatted(Arrays.toString(y.shape()), Arrays.toString(dy.shape())));
    }
    if (!training) {
      throw new IllegalStateException("expected a tape that records, got one for inference");
    }
    Var[] result = new Var[xs.length];
    if (!y.needsGradient()) {
      return result;
    }
    int recorded = ops.size();
    Var[] gradients = new Var[nodes];
    boolean[] asked = ids(xs);
    pass = createGraph ? null : new PassMemory();
    Flow flow = new Flow(gradients, reachable(asked), pass);
    gradients[y.id] = constant(dy);
    recording = createGraph;
    try {
      for (int i = recorded - 1; i >= 0; i--) {
        if (flow.visit(ops.get(i))) {
          ops.get(i).backward(flow);
          if (!createGraph) {
            flow.done(asked);
          }
        }
      }
    } finally {
      recording = true;
      pass = null;
    }
    for (int i = 0; i < xs.length; i++) {
      result[i] = xs[i].needsGradient() ? gradients[xs[i].id] : null;
    }
    return result;
  }

  private boolean[] ids(Var... values) {
    boolean[] ids = new boolean[nodes];
    for (Var value : values) {
      if (value.needsGradient()) {
        ids[value.id] = true;
      }
    }
    return ids;
  }

  /** By id, which values depend on one of those asked for. */
  private boolean[] reachable(boolean[] asked) {
    boolean[] reached = asked.clone();
    for (Op op : ops) {
      boolean any = false;
      for (Var input : op.inputs) {
        any |= input.needsGradient() && reached[input.id];
      }
      for (int i = 0; any && i < op.outputs.length; i++) {
        reached[op.outputs[i].id] = true;
      }
    }
    return reached;
  }

  /** Closes every tensor made on the tape; closing again does nothing. */
  @Override
  public void close() {
    closed = true;
    owned.forEach(Tensor::close);
    owned.clear();
    ops.clear();
    variables.clear();
  }
}
