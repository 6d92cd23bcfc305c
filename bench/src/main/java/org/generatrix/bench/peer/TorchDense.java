// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Products, a dense layer and an LSTM step in libtorch. */
public final class TorchDense {
  private TorchDense() {}

  /** out = op(a) op(b), into the same memory each time. */
  public static final class Product implements AutoCloseable {
    private final Tensor a;
    private final Tensor b;
    private final Tensor out;

    public Product(float[] a, float[] b, boolean ta, boolean tb, long m, long n, long k) {
      Tensor left = ta ? Torch.of(a, k, m) : Torch.of(a, m, k);
      Tensor right = tb ? Torch.of(b, n, k) : Torch.of(b, k, n);
      this.a = ta ? left.t() : left;
      this.b = tb ? right.t() : right;
      out = Torch.zeros(m, n);
    }

    public void run() {
      torch.mm_out(out, a, b);
    }

    public float[] result() {
      return Torch.toArray(out);
    }

    @Override
    public void close() {
      Torch.close(a, b, out);
    }
  }

  /** tanh(x W' + b). */
  public static final class Layer implements AutoCloseable {
    private final Tensor x;
    private final Tensor weight;
    private final Tensor b;
    private float[] result;

    public Layer(float[] x, float[] weight, float[] b, long rows, long in, long out) {
      this.x = Torch.of(x, rows, in);
      this.weight = Torch.of(weight, out, in);
      this.b = Torch.of(b, out);
    }

    private Tensor forward() {
      return torch.tanh_(torch.linear(x, weight, b));
    }

    public void run() {
      try (PointerScope local = new PointerScope()) {
        forward();
      }
    }

    /** Forward, and the gradients of all three with respect to the sum. */
    public void train() {
      try (PointerScope local = new PointerScope()) {
        for (Tensor leaf : new Tensor[] {x, weight, b}) {
          leaf.requires_grad_(true);
          leaf.mutable_grad().reset();
        }
        torch.linear(x, weight, b).tanh().sum().backward();
      }
    }

    public float[] result() {
      try (PointerScope local = new PointerScope()) {
        return Torch.toArray(torch.linear(x, weight, b).tanh());
      }
    }

    @Override
    public void close() {
      Torch.close(x, weight, b);
    }
  }

  /** One step of an LSTM. */
  public static final class Lstm implements AutoCloseable {
    private final Tensor x;
    private final Tensor h;
    private final Tensor c;
    private final Tensor weightInput;
    private final Tensor weightState;
    private final Tensor biasInput;
    private final Tensor biasState;

    public Lstm(
        float[] x,
        float[] h,
        float[] c,
        float[] weightInput,
        float[] weightState,
        float[] biasInput,
        float[] biasState,
        long rows,
        long units) {
      this.x = Torch.of(x, rows, units);
      this.h = Torch.of(h, rows, units);
      this.c = Torch.of(c, rows, units);
      this.weightInput = Torch.of(weightInput, 4 * units, units);
      this.weightState = Torch.of(weightState, 4 * units, units);
      this.biasInput = Torch.of(biasInput, 4 * units);
      this.biasState = Torch.of(biasState, 4 * units);
    }

    private Tensor forward() {
      T_TensorTensor_T both =
          torch.lstm_cell(
              x,
              new TensorVector(h, c),
              weightInput,
              weightState,
              new TensorOptional(biasInput),
              new TensorOptional(biasState));
      return both.get0();
    }

    public void run() {
      try (PointerScope local = new PointerScope()) {
        forward();
      }
    }

    /** Forward, and the gradients of states and parameters with respect to the sum of h. */
    public void train() {
      try (PointerScope local = new PointerScope()) {
        for (Tensor leaf : new Tensor[] {x, h, c, weightInput, weightState, biasInput, biasState}) {
          leaf.requires_grad_(true);
          leaf.mutable_grad().reset();
        }
        forward().sum().backward();
      }
    }

    public float[] result() {
      try (PointerScope local = new PointerScope()) {
        return Torch.toArray(forward());
      }
    }

    @Override
    public void close() {
      Torch.close(x, h, c, weightInput, weightState, biasInput, biasState);
    }
  }
}
