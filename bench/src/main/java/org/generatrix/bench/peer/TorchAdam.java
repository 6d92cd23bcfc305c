// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import static org.bytedeco.pytorch.global.torch.sqrt_out;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.ListType;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;

/**
 * Adam in libtorch, three ways: its own optimiser (torch::optim::Adam, an operation after the
 * other), the same operations with scratch memory that stays, and its fused kernel, which Python
 * calls with fused=True and the C++ library only by name.
 */
public final class TorchAdam implements AutoCloseable {
  /** The usual constants. */
  public static final double RATE = 1e-3;

  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  /** Parameters with what belongs to them. */
  private static final class State {
    final Tensor[] p;
    final Tensor[] m;
    final Tensor[] v;
    final Tensor[] scratch;
    long steps;

    State(float[][] start) {
      p = new Tensor[start.length];
      m = new Tensor[start.length];
      v = new Tensor[start.length];
      scratch = new Tensor[start.length];
      for (int i = 0; i < start.length; i++) {
        p[i] = Torch.of(start[i], start[i].length);
        m[i] = Torch.zeros(start[i].length);
        v[i] = Torch.zeros(start[i].length);
        scratch[i] = Torch.zeros(start[i].length);
      }
    }

    float[] parameter(int i) {
      return Torch.toArray(p[i]);
    }

    void close() {
      Torch.close(p);
      Torch.close(m);
      Torch.close(v);
      Torch.close(scratch);
    }
  }

  private final Tensor[] g;
  private final State composed;
  private final State fused;
  private final Tensor[] own; // the parameters of torch::optim::Adam
  private final Adam optimizer;
  private final Tensor fusedSteps = Torch.zeros();
  private final OperatorHandle fusedAdam =
      Dispatcher.singleton().findSchemaOrThrow("aten::_fused_adam_", "");

  /** Tensors of parameters and of their gradients, which stay as they are. */
  public TorchAdam(float[][] parameters, float[][] gradients) {
    composed = new State(parameters);
    fused = new State(parameters);
    g = new Tensor[gradients.length];
    own = new Tensor[gradients.length];
    for (int i = 0; i < g.length; i++) {
      g[i] = Torch.of(gradients[i], gradients[i].length);
      own[i] = Torch.of(parameters[i], parameters[i].length);
      own[i].requires_grad_(true);
      own[i].mutable_grad().put(g[i]);
    }
    optimizer = new Adam(new TensorVector(own), new AdamOptions(RATE));
  }

  /** torch::optim::Adam. */
  public void ofTheLibrary() {
    try (PointerScope local = new PointerScope()) {
      optimizer.step();
    }
  }

  /** Its operations without its allocations. */
  public void composed() {
    State s = composed;
    double t = ++s.steps;
    double correction2 = Math.sqrt(1 - Math.pow(BETA2, t));
    try (PointerScope local = new PointerScope()) {
      Scalar beta1 = new Scalar(BETA1);
      Scalar share1 = new Scalar(1 - BETA1);
      Scalar beta2 = new Scalar(BETA2);
      Scalar share2 = new Scalar(1 - BETA2);
      Scalar scale = new Scalar(1 / correction2);
      Scalar epsilon = new Scalar(EPSILON);
      Scalar rate = new Scalar(-RATE / (1 - Math.pow(BETA1, t)));
      for (int i = 0; i < g.length; i++) {
        s.m[i].mul_(beta1).add_(g[i], share1);
        s.v[i].mul_(beta2).addcmul_(g[i], g[i], share2);
        sqrt_out(s.scratch[i], s.v[i]);
        s.scratch[i].mul_(scale).add_(epsilon);
        s.p[i].addcdiv_(s.m[i], s.scratch[i], rate);
      }
    }
  }

  /** aten::_fused_adam_. */
  public void fused() {
    try (PointerScope local = new PointerScope()) {
      fusedSteps.add_(new Scalar(1f));
      Tensor[] steps = new Tensor[g.length];
      Arrays.fill(steps, fusedSteps);
      IValueVector stack = new IValueVector();
      for (Tensor[] list : List.of(fused.p, g, fused.m, fused.v, new Tensor[0], steps)) {
        GenericList generic = new GenericList(ListType.ofTensors().getElementType());
        for (Tensor tensor : list) {
          generic.push_back(new IValue(tensor));
        }
        stack.push_back(new IValue(generic));
      }
      for (double number : new double[] {RATE, BETA1, BETA2, 0, EPSILON}) {
        stack.push_back(new IValue(number));
      }
      stack.push_back(new IValue(false)).push_back(new IValue(false)); // amsgrad, maximize
      stack.push_back(new IValue()).push_back(new IValue()); // no scale, nothing found
      fusedAdam.callBoxed(stack);
    }
  }

  /** An operation after the other, and the fused kernel. */
  public List<Peer> peers(String name) {
    return List.of(
        new Peer(
            name,
            List.of(
                new Contender("optim::Adam", this::ofTheLibrary),
                new Contender("composed in place", this::composed))),
        new Peer(name.replace("lib", "") + "-fused", new Contender("_fused_adam_", this::fused)));
  }

  /** A parameter as each way has left it: the library's optimiser, composed, fused. */
  public List<float[]> parameter(int i) {
    return List.of(Torch.toArray(own[i]), composed.parameter(i), fused.parameter(i));
  }

  @Override
  public void close() {
    optimizer.close();
    Torch.close(own);
    Torch.close(g);
    Torch.close(fusedSteps);
    composed.close();
    fused.close();
  }
}
