// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;

/** Softmax, log-sum-exp along axis 1 and the gated unit of two halves, in eager libtorch. */
public final class TorchPointwise implements AutoCloseable {
  /** What is computed. */
  public enum Function {
    SOFTMAX {
      @Override
      Tensor of(Tensor x) {
        return x.softmax(1);
      }
    },
    LOG_SUM_EXP {
      @Override
      Tensor of(Tensor x) {
        return x.logsumexp(1);
      }
    },
    GATED_UNIT {
      @Override
      Tensor of(Tensor x) {
        long half = x.size(1) / 2;
        return x.narrow(1, 0, half).tanh().mul(x.narrow(1, half, half).sigmoid());
      }
    };

    abstract Tensor of(Tensor x);
  }

  private final Function function;
  private final Tensor x;
  private final Tensor dy; // null: forward only

  public TorchPointwise(
      Function function, float[] x, float[] dy, long[] shape, long[] resultShape) {
    this.function = function;
    this.x = Torch.of(x, shape);
    this.dy = dy == null ? null : Torch.of(dy, resultShape);
    if (dy != null) {
      this.x.requires_grad_(true);
    }
  }

  public Peer peer(String name) {
    return new Peer(name, new Contender(dy == null ? "eager" : "autograd", this::run));
  }

  private void run() {
    try (PointerScope local = new PointerScope()) {
      Tensor y = function.of(x);
      if (dy != null) {
        x.mutable_grad().reset();
        y.backward(dy, new BoolOptional(), false, new TensorArrayRefOptional());
      }
    }
  }

  /** For verification. */
  public float[] output() {
    try (PointerScope local = new PointerScope()) {
      return Torch.toArray(function.of(x).contiguous());
    }
  }

  /** The gradient of sum(y dy) by x. */
  public float[] gradient() {
    run();
    try (PointerScope local = new PointerScope()) {
      return Torch.toArray(x.grad().contiguous());
    }
  }

  @Override
  public void close() {
    Torch.close(x);
    if (dy != null) {
      Torch.close(dy);
    }
  }
}
