// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.dense;

import java.util.List;
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
import org.generatrix.binding.Device;
import org.generatrix.nn.Lstm;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/** A step of an LSTM on the tape: forward, and forward with the gradients of everything. */
public final class LstmRows implements RowFamily {
  @Override
  public List<BenchRow> rows() {
    return List.of(row(512, 64, false), row(512, 64, true));
  }

  private static BenchRow row(int units, int rows, boolean train) {
    return new BenchRow(
        "lstm-step%s:%d:b%d".formatted(train ? "-train" : "", units, rows),
        threads -> new LstmTrial(units, rows, train, threads));
  }

  private static final class LstmTrial implements Trial {
    private final int units;
    private final int rows;
    private final boolean train;
    private final Scope scope = new Scope();
    private final Device device;
    private final Lstm lstm;
    private final Tensor x; // one step
    private final Tensor h;
    private final Tensor c;
    private final TorchDense.Lstm torch;

    LstmTrial(int units, int rows, boolean train, int threads) {
      this.units = units;
      this.rows = rows;
      this.train = train;
      float[] values = Numbers.of(rows * units, 1);
      float[] states = Numbers.of(rows * units, 2);
      float[] cells = Numbers.of(rows * units, 3);
      device = scope.own(Device.cpu(threads));
      x = scope.own(Tensor.of(device, values, 1, rows, units));
      h = scope.own(Tensor.of(device, states, rows, units));
      c = scope.own(Tensor.of(device, cells, rows, units));
      lstm = scope.own(new Lstm(device, units, units));
      lstm.initialise(4);
      Torch.setThreads(threads);
      torch =
          scope.own(
              new TorchDense.Lstm(
                  values,
                  states,
                  cells,
                  parameter("weight_ih"),
                  parameter("weight_hh"),
                  parameter("bias_ih"),
                  parameter("bias_hh"),
                  rows,
                  units));
    }

    private float[] parameter(String name) {
      return lstm.parameters().get(name).toArray();
    }

    private Lstm.Result forward(Tape tape) {
      return lstm.apply(tape.variable(x), tape.variable(h), tape.variable(c));
    }

    private void run() {
      try (Tape tape = train ? Tape.training(device, 1, 0) : Tape.inference(device)) {
        Var y = forward(tape).h();
        if (train) {
          tape.gradients(y.sum());
        }
      }
    }

    @Override
    public Contender ours() {
      return new Contender("nn.Lstm, tape", this::run);
    }

    @Override
    public List<Peer> peers() {
      return List.of(
          new Peer(
              Torch.name(device.threads()),
              train
                  ? new Contender("lstm_cell, autograd", torch::train)
                  : new Contender("lstm_cell", torch::run)));
    }

    @Override
    public Work work() {
      return Work.flops((train ? 3.0 : 1.0) * 2 * rows * 4 * units * 2 * units);
    }

    @Override
    public void verify() {
      run();
      try (Tape tape = Tape.inference(device)) {
        Verify.close("h", forward(tape).h().value().toArray(), torch.result(), 1e-5);
      }
    }

    @Override
    public void close() {
      scope.close();
    }
  }
}
