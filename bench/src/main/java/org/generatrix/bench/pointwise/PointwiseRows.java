// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.pointwise;

import static org.generatrix.autograd.Functions.gatedUnit;
import static org.generatrix.autograd.Functions.logSumExp;
import static org.generatrix.autograd.Functions.softmax;

import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
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
import org.generatrix.bench.peer.TorchPointwise;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/** Softmax, log-sum-exp and the gated unit, on a tape: they should run at the speed of memory. */
public final class PointwiseRows implements RowFamily {
  @Override
  public List<BenchRow> rows() {
    return List.of(
        new BenchRow(
            "softmax:4096x1000",
            threads ->
                new PointwiseTrial(
                    TorchPointwise.Function.SOFTMAX,
                    x -> softmax(x, 1),
                    false,
                    threads,
                    4096,
                    1000)),
        new BenchRow(
            "logsumexp:4096x1000",
            threads ->
                new PointwiseTrial(
                    TorchPointwise.Function.LOG_SUM_EXP,
                    x -> logSumExp(x, 1),
                    false,
                    threads,
                    4096,
                    1000)),
        new BenchRow("gated-unit:64x128x32x32", threads -> gated(false, threads)),
        new BenchRow("gated-unit-gradient:64x128x32x32", threads -> gated(true, threads)));
  }

  private static Trial gated(boolean backward, int threads) {
    return new PointwiseTrial(
        TorchPointwise.Function.GATED_UNIT, x -> gatedUnit(x), backward, threads, 64, 128, 32, 32);
  }

  private static final class PointwiseTrial implements Trial {
    private final UnaryOperator<Var> function;
    private final boolean backward;
    private final Scope scope = new Scope();
    private final Device device;
    private final Tensor x;
    private final Tensor dy; // null: forward only
    private final long results;
    private final TorchPointwise torch;
    private float[] y;
    private float[] dx;
    private boolean keep;

    PointwiseTrial(
        TorchPointwise.Function peer,
        UnaryOperator<Var> function,
        boolean backward,
        int threads,
        long... shape) {
      this.function = function;
      this.backward = backward;
      Random random = new Random(5);
      device = scope.own(Device.cpu(threads));
      float[] values = normal(random, org.generatrix.binding.Shapes.size(shape));
      x = scope.own(Tensor.of(device, values, shape));
      long[] resultShape;
      try (Tape tape = Tape.inference(device)) {
        resultShape = function.apply(tape.constant(x)).shape();
      }
      results = org.generatrix.binding.Shapes.size(resultShape);
      float[] slopes = backward ? normal(random, results) : null;
      dy = backward ? scope.own(Tensor.of(device, slopes, resultShape)) : null;
      Torch.setThreads(threads);
      torch = scope.own(new TorchPointwise(peer, values, slopes, shape, resultShape));
    }

    private static float[] normal(Random random, long size) {
      float[] values = new float[(int) size];
      for (int i = 0; i < size; i++) {
        values[i] = (float) (2 * random.nextGaussian());
      }
      return values;
    }

    @Override
    public Contender ours() {
      return new Contender("on the tape", this::run);
    }

    private void run() {
      try (Tape tape = backward ? Tape.training(device, 1, 0) : Tape.inference(device)) {
        Var out = function.apply(tape.variable(x));
        Tensor gradient = backward ? tape.gradients(out, dy).of(x) : null;
        if (keep) {
          y = out.value().toArray();
          dx = backward ? gradient.toArray() : null;
        }
      }
    }

    @Override
    public List<Peer> peers() {
      return List.of(torch.peer(Torch.name(device.threads())));
    }

    /** x is read and y written; backward, x and dy are read and dx is written. */
    @Override
    public Work work() {
      return Work.bytes(
          4.0 * (x.size() + results) + (backward ? 4.0 * (2 * x.size() + results) : 0));
    }

    /** Against our own operation in double, and libtorch. */
    @Override
    public void verify() {
      keep = true;
      run();
      keep = false;
      try (Tape tape = Tape.training(device, 1, 0)) {
        Var in = tape.variable(wide(tape, x));
        Var out = function.apply(in);
        double[] expected = out.value().toDoubleArray();
        Verify.close("y", y, 0, expected, 2e-6);
        Verify.close("libtorch's y", torch.output(), 0, expected, 1e-5);
        if (backward) {
          double[] slopes = tape.gradients(out, wide(tape, dy)).of(in).toDoubleArray();
          Verify.close("dx", dx, 0, slopes, 1e-5);
          Verify.close("libtorch's dx", torch.gradient(), 0, slopes, 1e-4);
        }
      }
    }

    private static Tensor wide(Tape tape, Tensor narrow) {
      Tensor made = tape.empty(DType.FLOAT64, narrow.shape());
      made.copyFrom(narrow.toDoubleArray());
      return made;
    }

    @Override
    public String note() {
      return backward ? "forward and backward" : "";
    }

    @Override
    public void close() {
      scope.close();
    }
  }
}
