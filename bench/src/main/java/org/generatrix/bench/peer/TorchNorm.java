// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.peer;

import java.util.List;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;

/** A normalisation and its gradients in libtorch: with its autograd, and by its kernels alone. */
public final class TorchNorm implements AutoCloseable {
  private static final double EPSILON = 1e-5;

  private final Tensor x;
  private final Tensor weight;
  private final Tensor bias;
  private final Tensor dy;
  private final Tensor frozenX; // the same values without gradient, for the kernels
  private final Tensor frozenWeight;
  private final Tensor frozenBias;
  private final Tensor runningMean; // null: layer norm
  private final Tensor runningVar;
  private final BoolPointer all = new BoolPointer(3);

  /** Batch norm in training over axis 1, or layer norm over the last axis. */
  public TorchNorm(
      boolean batch, float[] x, float[] gamma, float[] beta, float[] dy, long... shape) {
    this.x = Torch.of(x, shape);
    weight = Torch.of(gamma, gamma.length);
    bias = Torch.of(beta, beta.length);
    this.dy = Torch.of(dy, shape);
    frozenX = Torch.of(x, shape);
    frozenWeight = Torch.of(gamma, gamma.length);
    frozenBias = Torch.of(beta, beta.length);
    this.x.requires_grad_(true);
    weight.requires_grad_(true);
    bias.requires_grad_(true);
    runningMean = batch ? Torch.zeros(gamma.length) : null;
    runningVar = batch ? Torch.zeros(gamma.length) : null;
    for (int i = 0; i < 3; i++) {
      all.put(i, true);
    }
  }

  public Peer peer(String name) {
    return new Peer(
        name,
        List.of(
            new Contender("autograd", this::autograd), new Contender("kernels", this::kernels)));
  }

  private static TensorOptional some(Tensor tensor) {
    return new TensorOptional(tensor);
  }

  private Tensor forward() {
    if (runningMean == null) {
      return torch.layer_norm(
          x, new long[] {weight.numel()}, some(weight), some(bias), EPSILON, false);
    }
    return torch.batch_norm(
        x,
        some(weight),
        some(bias),
        some(runningMean),
        some(runningVar),
        true,
        0.1,
        EPSILON,
        false);
  }

  private void autograd() {
    try (PointerScope local = new PointerScope()) {
      x.mutable_grad().reset();
      weight.mutable_grad().reset();
      bias.mutable_grad().reset();
      forward().backward(dy, new BoolOptional(), false, new TensorArrayRefOptional());
    }
  }

  private void kernels() {
    try (PointerScope local = new PointerScope()) {
      if (runningMean == null) {
        long[] last = {weight.numel()};
        T_TensorTensorTensor_T y =
            torch.native_layer_norm(frozenX, last, some(frozenWeight), some(frozenBias), EPSILON);
        torch.native_layer_norm_backward(
            dy, frozenX, last, y.get1(), y.get2(), some(frozenWeight), some(frozenBias), all);
      } else {
        T_TensorTensorTensor_T y =
            torch.native_batch_norm(
                frozenX,
                some(frozenWeight),
                some(frozenBias),
                some(runningMean),
                some(runningVar),
                true,
                0.1,
                EPSILON);
        torch.native_batch_norm_backward(
            dy,
            frozenX,
            some(frozenWeight),
            some(runningMean),
            some(runningVar),
            some(y.get1()),
            some(y.get2()),
            true,
            EPSILON,
            all);
      }
    }
  }

  /** y, for verification. */
  public float[] output() {
    try (PointerScope local = new PointerScope()) {
      return Torch.toArray(forward());
    }
  }

  /** dx and dgamma, for verification. */
  public float[][] gradients() {
    autograd();
    try (PointerScope local = new PointerScope()) {
      return new float[][] {Torch.toArray(x.grad()), Torch.toArray(weight.grad())};
    }
  }

  @Override
  public void close() {
    Torch.close(x, weight, bias, dy, frozenX, frozenWeight, frozenBias);
    if (runningMean != null) {
      Torch.close(runningMean, runningVar);
    }
    all.close();
  }
}
