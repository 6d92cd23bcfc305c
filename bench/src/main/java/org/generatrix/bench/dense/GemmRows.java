// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.dense;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.generatrix.bench.BenchRow;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.RowFamily;
import org.generatrix.bench.Trial;
import org.generatrix.bench.Verify;
import org.generatrix.bench.Work;
import org.generatrix.bench.peer.OpenBlas;
import org.generatrix.bench.peer.Pools;
import org.generatrix.bench.peer.Torch;
import org.generatrix.bench.peer.TorchDense;
import org.generatrix.binding.Device;
import org.generatrix.binding.Linear;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/** Products of dense matrices, by their layout and m x n x k. */
public final class GemmRows implements RowFamily {
  @Override
  public List<BenchRow> rows() {
    return List.of(
        row(false, true, 100, 200, 784), // a layer of a VAE forward,
        row(false, false, 100, 784, 200), // the gradient of its input
        row(true, false, 200, 784, 100), // and of its weights
        row(false, true, 100, 200, 50),
        row(false, true, 64, 2048, 1024), // an LSTM's gates
        row(false, false, 1024, 1024, 1024),
        row(false, false, 2048, 2048, 2048));
  }

  private static BenchRow row(boolean ta, boolean tb, int m, int n, int k) {
    String layout = (ta ? "T" : "N") + (tb ? "T" : "N");
    return new BenchRow(
        "gemm:%s:%dx%dx%d".formatted(layout, m, n, k),
        threads -> new GemmTrial(ta, tb, m, n, k, threads));
  }

  private static final class GemmTrial implements Trial {
    private final boolean ta;
    private final boolean tb;
    private final int m;
    private final int n;
    private final int k;
    private final float[] left;
    private final float[] right;
    private final Scope scope = new Scope();
    private final Device device;
    private final Tensor a;
    private final Tensor b;
    private final Tensor c;
    private final TorchDense.Product torch;
    private final FloatPointer blasA;
    private final FloatPointer blasB;
    private final FloatPointer blasC;

    GemmTrial(boolean ta, boolean tb, int m, int n, int k, int threads) {
      this.ta = ta;
      this.tb = tb;
      this.m = m;
      this.n = n;
      this.k = k;
      left = Numbers.of(m * k, 1);
      right = Numbers.of(k * n, 2);
      device = scope.own(Device.cpu(threads));
      a = scope.own(Tensor.of(device, left, left.length));
      b = scope.own(Tensor.of(device, right, right.length));
      c = scope.own(Tensor.zeros(device, m, n));
      Torch.setThreads(threads);
      torch = scope.own(new TorchDense.Product(left, right, ta, tb, m, n, k));
      blasA = scope.own(new FloatPointer(left));
      blasB = scope.own(new FloatPointer(right));
      blasC = scope.own(new FloatPointer((long) m * n));
    }

    @Override
    public Contender ours() {
      Linear.Product p = new Linear.Product(1, m, n, k, ta, tb, false, false);
      return new Contender(
          "matmul", () -> Linear.matmul(device, p, false, a.view(), b.view(), c.view()));
    }

    private void blas() {
      OpenBlas.multiply(ta, tb, blasA, blasB, blasC, m, n, k);
    }

    @Override
    public List<Peer> peers() {
      List<Peer> peers = new ArrayList<>();
      peers.add(new Peer(Torch.name(device.threads()), new Contender("mm_out", torch::run)));
      if (Pools.current() == Pools.TUNED) {
        peers.add(new Peer("openblas", new Contender("sgemm", this::blas)));
      }
      return peers;
    }

    @Override
    public Work work() {
      return Work.flops(2.0 * m * n * k);
    }

    @Override
    public void verify() {
      ours().call().run();
      torch.run();
      blas();
      float[] ours = c.toArray();
      float[] theirs = new float[m * n];
      blasC.get(theirs);
      double tolerance = k * 0x1p-23;
      Verify.close("libtorch's product", torch.result(), ours, tolerance);
      Verify.close("OpenBLAS's product", theirs, ours, tolerance);
      for (int i = 0; i < m; i += Math.max(1, m / 7)) {
        for (int j = 0; j < n; j += Math.max(1, n / 7)) {
          double sum = 0;
          for (int l = 0; l < k; l++) {
            sum += (double) left[ta ? l * m + i : i * k + l] * right[tb ? j * k + l : l * n + j];
          }
          Verify.close("C[" + i + ", " + j + "]", ours[i * n + j], sum, tolerance);
        }
      }
    }

    @Override
    public void close() {
      scope.close();
    }
  }
}
