// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.resample;

import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.generatrix.autograd.Resampling;
import org.generatrix.autograd.Tape;
import org.generatrix.autograd.Var;
import org.generatrix.autograd.op.Window;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.RowFamily;
import org.generatrix.bench.Trial;
import org.generatrix.bench.Verify;
import org.generatrix.bench.Work;
import org.generatrix.bench.peer.Torch;
import org.generatrix.binding.Device;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/** Pictures of other sizes, 64 examples of 64 channels of 32 x 32: passes over memory, forward. */
public final class ResampleRows implements RowFamily {
  private static final int BATCH = 64;
  private static final int CHANNELS = 64;
  private static final int SIZE = 32;

  /** A kernel of libtorch, into `out` if it can. */
  private interface Theirs {
    org.bytedeco.pytorch.Tensor apply(
        org.bytedeco.pytorch.Tensor x,
        org.bytedeco.pytorch.Tensor grid,
        org.bytedeco.pytorch.Tensor out);
  }

  @Override
  public List<BenchRow> rows() {
    long[] twice = {2 * SIZE, 2 * SIZE};
    return List.of(
        row(
            "upsample-nearest",
            x -> Resampling.upsampleNearest(x, 2),
            (x, grid, out) -> torch.upsample_nearest2d_out(out, x, twice)),
        row(
            "upsample-bilinear",
            x -> Resampling.upsampleBilinear(x, 2 * SIZE, 2 * SIZE, false),
            (x, grid, out) -> torch.upsample_bilinear2d_out(out, x, twice, false)),
        row(
            "depth-to-space",
            x -> Resampling.depthToSpace(x, 2),
            (x, grid, out) -> torch.pixel_shuffle_out(out, x, 2)),
        row(
            "max-pool-2x2",
            x -> Resampling.maxPool(x, Window.of(2, 2).stride(2)),
            (x, grid, out) -> torch.max_pool2d(x, 2, 2)),
        new BenchRow(
            name("grid-sample"),
            threads ->
                new ResampleTrial(
                    threads,
                    Resampling::gridSample,
                    (x, grid, out) -> torch.grid_sampler_2d_out(out, x, grid, 0, 0, false))));
  }

  private static String name(String kind) {
    return "%s:%dx%dx%dx%d".formatted(kind, BATCH, CHANNELS, SIZE, SIZE);
  }

  private static BenchRow row(String kind, Function<Var, Var> ours, Theirs theirs) {
    return new BenchRow(
        name(kind), threads -> new ResampleTrial(threads, (x, grid) -> ours.apply(x), theirs));
  }

  private static final class ResampleTrial implements Trial {
    private final Scope scope = new Scope();
    private final int threads;
    private final BiFunction<Var, Var, Var> ours;
    private final Theirs theirs;
    private final Device device;
    private final Tensor x;
    private final Tensor grid;
    private final org.bytedeco.pytorch.Tensor torchX;
    private final org.bytedeco.pytorch.Tensor torchGrid;
    private final org.bytedeco.pytorch.Tensor torchOut = Torch.zeros(0);
    private final long size;

    ResampleTrial(int threads, BiFunction<Var, Var, Var> ours, Theirs theirs) {
      this.threads = threads;
      this.ours = ours;
      this.theirs = theirs;
      device = scope.own(Device.cpu(threads));
      Torch.setThreads(threads);
      Random random = new Random(3);
      float[] values = new float[BATCH * CHANNELS * SIZE * SIZE];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextFloat();
      }
      long[] shape = {BATCH, CHANNELS, SIZE, SIZE};
      x = scope.own(Tensor.of(device, values, shape));
      torchX = Torch.of(values, shape);
      float[] points = turned();
      long[] gridShape = {BATCH, SIZE, SIZE, 2};
      grid = scope.own(Tensor.of(device, points, gridShape));
      torchGrid = Torch.of(points, gridShape);
      size = x.size() + run().length;
    }

    // The grid of a rotation, a little smaller and off the middle.
    private float[] turned() {
      float[] theta = new float[6 * BATCH];
      for (int n = 0; n < BATCH; n++) {
        System.arraycopy(new float[] {.9f, .2f, .05f, -.2f, .9f, .1f}, 0, theta, 6 * n, 6);
      }
      try (Tape tape = Tape.inference(device)) {
        Var map = tape.constant(tape.own(Tensor.of(device, theta, BATCH, 2, 3)));
        return Resampling.affineGrid(map, SIZE, SIZE).value().toArray();
      }
    }

    private float[] run() {
      try (Tape tape = Tape.inference(device)) {
        return ours.apply(tape.constant(x), tape.constant(grid)).value().toArray();
      }
    }

    @Override
    public Contender ours() {
      return new Contender(
          "on a tape",
          () -> {
            try (Tape tape = Tape.inference(device)) {
              ours.apply(tape.constant(x), tape.constant(grid));
            }
          });
    }

    @Override
    public List<Peer> peers() {
      return List.of(new Peer(Torch.name(threads), new Contender("kernel", this::runTheirs)));
    }

    private void runTheirs() {
      try (PointerScope local = new PointerScope()) {
        theirs.apply(torchX, torchGrid, torchOut);
      }
    }

    /** x is read once, the result written once. */
    @Override
    public Work work() {
      return Work.bytes(4.0 * size);
    }

    @Override
    public void verify() {
      try (PointerScope local = new PointerScope()) {
        Verify.close("y", run(), Torch.toArray(theirs.apply(torchX, torchGrid, torchOut)), 1e-4);
      }
    }

    @Override
    public String note() {
      return "forward; libtorch into memory of its own, but for max-pool";
    }

    @Override
    public void close() {
      Torch.close(torchX, torchGrid, torchOut);
      scope.close();
    }
  }
}
