// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.norm;

import static org.generatrix.autograd.Functions.batchNorm;
import static org.generatrix.autograd.Functions.layerNorm;

import java.util.List;
import java.util.Random;
import org.generatrix.autograd.Gradients;
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
import org.generatrix.bench.peer.TorchNorm;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/** Batch norm in training and layer norm, forward and all gradients, on the tape. */
public final class NormRows implements RowFamily {
  private static final double EPSILON = 1e-5;

  @Override
  public List<BenchRow> rows() {
    return List.of(
        new BenchRow(
            "batch-norm:64x128x32x32", threads -> new NormTrial(true, threads, 64, 128, 32, 32)),
        new BenchRow("layer-norm:4096x1000", threads -> new NormTrial(false, threads, 4096, 1000)));
  }

  private static final class NormTrial implements Trial {
    private final boolean batch;
    private final Scope scope = new Scope();
    private final Device device;
    private final Tensor x;
    private final Tensor gamma;
    private final Tensor beta;
    private final Tensor dy;
    private final Tensor runningMean;
    private final Tensor runningVar;
    private final TorchNorm torch;
    private float[] y;
    private float[] dx;
    private float[] dgamma;
    private boolean keep;

    NormTrial(boolean batch, int threads, long... shape) {
      this.batch = batch;
      int size = 1;
      for (long extent : shape) {
        size *= (int) extent;
      }
      int units = (int) shape[1];
      Random random = new Random(3);
      float[] values = normal(random, size, 1);
      float[] factors = normal(random, units, 1);
      float[] offsets = normal(random, units, 0);
      float[] slopes = normal(random, size, 0);
      device = scope.own(Device.cpu(threads));
      x = scope.own(Tensor.of(device, values, shape));
      gamma = scope.own(Tensor.of(device, factors, units));
      beta = scope.own(Tensor.of(device, offsets, units));
      dy = scope.own(Tensor.of(device, slopes, shape));
      runningMean = scope.own(Tensor.zeros(device, units));
      runningVar = scope.own(Tensor.zeros(device, units));
      Torch.setThreads(threads);
      torch = scope.own(new TorchNorm(batch, values, factors, offsets, slopes, shape));
    }

    private static float[] normal(Random random, int size, float mean) {
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = mean + (float) random.nextGaussian() / 2;
      }
      return values;
    }

    @Override
    public Contender ours() {
      return new Contender("on the tape", this::run);
    }

    private void run() {
      try (Tape tape = Tape.training(device, 1, 0)) {
        Var in = tape.variable(x);
        Var g = tape.variable(gamma);
        Var b = tape.variable(beta);
        Var out =
            batch
                ? batchNorm(in, g, b, runningMean, runningVar, 0.1, EPSILON, false)
                : layerNorm(in, 1, g, b, EPSILON);
        Gradients gradients = tape.gradients(out, dy);
        if (keep) {
          y = out.value().toArray();
          dx = gradients.of(x).toArray();
          dgamma = gradients.of(gamma).toArray();
        }
      }
    }

    @Override
    public List<Peer> peers() {
      return List.of(torch.peer(Torch.name(device.threads())));
    }

    /** Forward reads x and writes y, backward reads x and dy and writes dx, each once. */
    @Override
    public Work work() {
      return Work.bytes(4.0 * 5 * x.size());
    }

    /** Against our own operation in double, and libtorch. */
    @Override
    public void verify() {
      keep = true;
      run();
      keep = false;
      float[] theirs = torch.output();
      float[][] theirGradients = torch.gradients();
      try (Tape tape = Tape.training(device, 1, 0)) {
        Var in = wide(tape, x);
        Var g = wide(tape, gamma);
        Var b = wide(tape, beta);
        Var out =
            batch
                ? batchNorm(
                    in,
                    g,
                    b,
                    wide(tape, runningMean).value(),
                    wide(tape, runningVar).value(),
                    0.1,
                    EPSILON,
                    false)
                : layerNorm(in, 1, g, b, EPSILON);
        Gradients gradients = tape.gradients(out, wide(tape, dy).value());
        close("y", y, theirs, out.value(), 1e-5);
        close("dx", dx, theirGradients[0], gradients.of(in), 1e-4);
        close("dgamma", dgamma, theirGradients[1], gradients.of(g), 1e-2);
      }
    }

    private static Var wide(Tape tape, Tensor narrow) {
      Tensor made = tape.empty(DType.FLOAT64, narrow.shape());
      made.copyFrom(narrow.toDoubleArray());
      return tape.variable(made);
    }

    /** Ours a tenth as far from the truth as the peer may be. */
    private static void close(
        String what, float[] ours, float[] theirs, Tensor truth, double tolerance) {
      double[] expected = truth.toDoubleArray();
      Verify.close(what, ours, 0, expected, tolerance);
      Verify.close("libtorch's " + what, theirs, 0, expected, 10 * tolerance);
    }

    @Override
    public String note() {
      return "forward and backward";
    }

    @Override
    public void close() {
      scope.close();
    }
  }
}
