// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.tensor;

import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.RowFamily;
import org.generatrix.bench.Trial;
import org.generatrix.bench.Verify;
import org.generatrix.bench.Work;
import org.generatrix.bench.peer.Torch;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/**
 * Copies that rearrange, each into memory of its own as a model makes it, and what memory itself
 * costs.
 */
public final class RearrangeRows implements RowFamily {
  private static final int BATCH = 1000; // small tensors per timed call
  private static final long[] INDEX = new Random(4).longs(1024, 0, 10_000).toArray();

  @Override
  public List<BenchRow> rows() {
    return List.of(
        row("transpose:784x500", x -> x.transpose(0, 1), x -> x.t().contiguous(), 784, 500),
        row(
            "permute:nchw-nhwc:64x64x28x28",
            x -> x.permute(0, 2, 3, 1),
            x -> x.permute(0, 2, 3, 1).contiguous(),
            64,
            64,
            28,
            28),
        row(
            "concat:1024x500+500",
            x -> Tensor.concat(1, x, x),
            x -> torch.cat(new TensorVector(x, x), 1),
            1024,
            500),
        row(
            "slice:1024x500:250",
            x -> x.narrow(1, 125, 250),
            x -> x.narrow(1, 125, 250).contiguous(),
            1024,
            500),
        row(
            "gather:10000x64:1024",
            x -> x.gather(0, INDEX),
            x -> x.index_select(0, torchIndex()),
            10_000,
            64),
        new BenchRow("allocate:1KiB", AllocateTrial::new).onOneThread());
  }

  private static BenchRow row(
      String name,
      Function<Tensor, Tensor> ours,
      Function<org.bytedeco.pytorch.Tensor, org.bytedeco.pytorch.Tensor> theirs,
      long... shape) {
    return new BenchRow(name, threads -> new CopyTrial(threads, ours, theirs, shape));
  }

  private static org.bytedeco.pytorch.Tensor torchIndex() {
    return org.bytedeco.pytorch.AbstractTensor.create(INDEX);
  }

  private static final class CopyTrial implements Trial {
    private final Scope scope = new Scope();
    private final int threads;
    private final Function<Tensor, Tensor> ours;
    private final Function<org.bytedeco.pytorch.Tensor, org.bytedeco.pytorch.Tensor> theirs;
    private final Tensor x;
    private final org.bytedeco.pytorch.Tensor torchX;
    private long size;

    CopyTrial(
        int threads,
        Function<Tensor, Tensor> ours,
        Function<org.bytedeco.pytorch.Tensor, org.bytedeco.pytorch.Tensor> theirs,
        long... shape) {
      this.threads = threads;
      this.ours = ours;
      this.theirs = theirs;
      int length = 1;
      for (long extent : shape) {
        length *= (int) extent;
      }
      float[] values = new float[length];
      Random random = new Random(3);
      for (int i = 0; i < length; i++) {
        values[i] = random.nextFloat();
      }
      Torch.setThreads(threads);
      x = scope.own(Tensor.of(scope.own(Device.cpu(threads)), values, shape));
      torchX = Torch.of(values, shape);
      try (Tensor y = ours.apply(x)) {
        size = y.size();
      }
    }

    @Override
    public Contender ours() {
      return new Contender("Tensor", () -> ours.apply(x).close());
    }

    @Override
    public List<Peer> peers() {
      return List.of(new Peer(Torch.name(threads), new Contender("contiguous", this::runTheirs)));
    }

    private void runTheirs() {
      try (PointerScope local = new PointerScope()) {
        theirs.apply(torchX);
      }
    }

    /** Each element of the result is read once and written once. */
    @Override
    public Work work() {
      return Work.bytes(8.0 * size);
    }

    @Override
    public void verify() {
      try (Tensor y = ours.apply(x);
          PointerScope local = new PointerScope()) {
        Verify.close("the copy", y.toArray(), Torch.toArray(theirs.apply(torchX)), 0);
      }
    }

    @Override
    public String note() {
      return "into new memory";
    }

    @Override
    public void close() {
      torchX.close();
      scope.close();
    }
  }

  private static final class AllocateTrial implements Trial {
    private final Scope scope = new Scope();
    private final Device device;
    private final int threads;

    AllocateTrial(int threads) {
      this.threads = threads;
      Torch.setThreads(threads);
      device = scope.own(Device.cpu(threads));
    }

    @Override
    public Contender ours() {
      return new Contender("Tensor.empty, close", this::allocate, BATCH);
    }

    private void allocate() {
      for (int i = 0; i < BATCH; i++) {
        Tensor.empty(device, DType.FLOAT32, 256).close();
      }
    }

    @Override
    public List<Peer> peers() {
      return List.of(
          new Peer(
              Torch.name(threads),
              new Contender(
                  "torch.empty, close",
                  () -> {
                    for (int i = 0; i < BATCH; i++) {
                      torch.empty(256).close();
                    }
                  },
                  BATCH)));
    }

    @Override
    public Work work() {
      return Work.call();
    }

    @Override
    public void verify() {
      allocate();
      Verify.close("live bytes after a close", device.memory().live(), 0, 0);
    }

    @Override
    public String note() {
      return "a small tensor made and closed";
    }

    @Override
    public void close() {
      scope.close();
    }
  }
}
