// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.dense;

import java.util.List;
import org.generatrix.autograd.Functions;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.RowFamily;
import org.generatrix.bench.Trial;
import org.generatrix.bench.Verify;
import org.generatrix.bench.Work;
import org.generatrix.bench.peer.Torch;
import org.generatrix.bench.peer.TorchDense;
import org.generatrix.binding.Activation;
import org.generatrix.binding.Device;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/** A dense layer with tanh on the tape: forward, and forward with the gradients of everything. */
public final class LinearRows implements RowFamily {
  @Override
  public List<BenchRow> rows() {
    return List.of(row(784, 200, 100, false), row(784, 200, 100, true));
  }

  private static BenchRow row(int in, int out, int rows, boolean train) {
    return new BenchRow(
        "linear%s:%dx%d:b%d:tanh".formatted(train ? "-train" : "", in, out, rows),
        threads -> new LinearTrial(in, out, rows, train, threads));
  }

  private static final class LinearTrial implements Trial {
    private final int in;
    private final int out;
    private final int rows;
    private final boolean train;
    private final Scope scope = new Scope();
    private final Device device;
    private final Tensor x;
    private final Tensor weight;
    private final Tensor b;
    private final TorchDense.Layer torch;

    LinearTrial(int in, int out, int rows, boolean train, int threads) {
      this.in = in;
      this.out = out;
      this.rows = rows;
      this.train = train;
      float[] values = Numbers.of(rows * in, 1);
      float[] weights = Numbers.of(out * in, 2, 1 / Math.sqrt(in));
      float[] biases = Numbers.of(out, 3);
      device = scope.own(Device.cpu(threads));
      x = scope.own(Tensor.of(device, values, rows, in));
      weight = scope.own(Tensor.of(device, weights, out, in));
      b = scope.own(Tensor.of(device, biases, out));
      Torch.setThreads(threads);
      torch = scope.own(new TorchDense.Layer(values, weights, biases, rows, in, out));
    }

    private Var forward(Tape tape) {
      return Functions.linear(
          tape.variable(x), tape.variable(weight), tape.variable(b), Activation.TANH);
    }

    private void run() {
      try (Tape tape = train ? Tape.training(device, 1, 0) : Tape.inference(device)) {
        Var y = forward(tape);
        if (train) {
          tape.gradients(y.sum());
        }
      }
    }

    @Override
    public Contender ours() {
      return new Contender("fused, tape", this::run);
    }

    @Override
    public List<Peer> peers() {
      return List.of(
          new Peer(
              Torch.name(device.threads()),
              train
                  ? new Contender("linear, tanh, autograd", torch::train)
                  : new Contender("linear, tanh_", torch::run)));
    }

    @Override
    public Work work() {
      return Work.flops((train ? 6.0 : 2.0) * rows * in * out);
    }

    @Override
    public void verify() {
      run();
      try (Tape tape = Tape.inference(device)) {
        Verify.close("y", forward(tape).value().toArray(), torch.result(), 1e-5);
      }
    }

    @Override
    public void close() {
      scope.close();
    }
  }
}
