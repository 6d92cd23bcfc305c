// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRef;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.generatrix.bench.Contender;

/**
 * An affine coupling with l = a tanh(s) in eager libtorch, as flows are written with it. Under a
 * mask b [d] of zeros and ones (Dinh et al. 2017, eq. 9): y = b x + (1 - b) (x e^l + t), log det =
 * sum (1 - b) l, with s and t as large as x. In halves: y = (x1, x2 e^l + t), log det = sum l.
 */
public final class TorchCoupling implements AutoCloseable {
  private final Scalar amplitude;
  private final boolean inverse;
  private final Tensor x; // [n][d]
  private final Tensor s; // [n][d], of halves [n][d / 2]
  private final Tensor t;
  private final Tensor b; // null: halves
  private Tensor dy; // null: forward only
  private Tensor dLogDet;
  private Tensor[] kept; // y and the log-determinant with their graph

  public TorchCoupling(
      double amplitude, boolean inverse, int n, float[] x, float[] s, float[] t, float[] b) {
    this.amplitude = new Scalar((float) amplitude);
    this.inverse = inverse;
    this.x = Torch.of(x, n, x.length / n);
    this.s = Torch.of(s, n, s.length / n);
    this.t = Torch.of(t, n, t.length / n);
    this.b = b == null ? null : Torch.of(b, b.length);
  }

  /** Keeps the graph of one forward call, of which {@link #backward} then takes the gradients. */
  public void keepGraph(float[] slopes, float[] dLogDet) {
    for (Tensor leaf : new Tensor[] {x, s, t}) {
      leaf.requires_grad_(true);
    }
    dy = Torch.of(slopes, dLogDet.length, slopes.length / dLogDet.length);
    this.dLogDet = Torch.of(dLogDet, dLogDet.length);
    kept = map();
  }

  /** The call to time. */
  public Contender contender() {
    return kept == null
        ? new Contender(b == null ? "halves" : "mask", this::forward)
        : new Contender("autograd, forward not timed", this::backward);
  }

  private Tensor[] map() {
    Tensor l = s.tanh().mul(amplitude);
    if (b == null) {
      long half = x.size(1) / 2;
      Tensor last = x.narrow(1, half, half);
      Tensor changed = inverse ? last.sub(t).mul(l.neg().exp()) : last.mul(l.exp()).add(t);
      Tensor y = torch.cat(new TensorArrayRef(new TensorVector(x.narrow(1, 0, half), changed)), 1);
      return new Tensor[] {y, inverse ? l.sum(1).neg() : l.sum(1)};
    }
    Tensor others = b.neg().add(new Scalar(1f));
    Tensor changed = inverse ? x.sub(t).mul(l.neg().exp()) : x.mul(l.exp()).add(t);
    Tensor logDet = others.mul(l).sum(1);
    return new Tensor[] {b.mul(x).add(others.mul(changed)), inverse ? logDet.neg() : logDet};
  }

  private void forward() {
    try (PointerScope local = new PointerScope()) {
      map();
    }
  }

  private void backward() {
    try (PointerScope local = new PointerScope()) {
      gradients();
    }
  }

  private TensorVector gradients() {
    return torch.grad(
        new TensorVector(kept),
        new TensorVector(x, s, t),
        new TensorVector(dy, dLogDet),
        new BoolOptional(true),
        false,
        false);
  }

  /** What is timed, for verification: y and the log-determinant, or dx, ds and dt. */
  public float[][] results() {
    try (PointerScope local = new PointerScope()) {
      if (kept != null) {
        TensorVector g = gradients();
        return new float[][] {array(g.get(0)), array(g.get(1)), array(g.get(2))};
      }
      Tensor[] made = map();
      return new float[][] {array(made[0]), array(made[1])};
    }
  }

  private static float[] array(Tensor tensor) {
    return Torch.toArray(tensor.contiguous());
  }

  @Override
  public void close() {
    for (Tensor tensor : new Tensor[] {x, s, t, b, dy, dLogDet}) {
      if (tensor != null) {
        tensor.close();
      }
    }
    if (kept != null) {
      Torch.close(kept);
    }
  }
}
