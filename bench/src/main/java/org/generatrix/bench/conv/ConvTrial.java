// Copyright The Generatrix Authors
// SPDX-License-Identifier: Apache-2.0
package org.generatrix.bench.conv;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.generatrix.bench.Contender;
import org.generatrix.bench.Peer;
import org.generatrix.bench.Trial;
import org.generatrix.bench.Verify;
import org.generatrix.bench.Work;
import org.generatrix.bench.peer.OneDnnConv;
import org.generatrix.bench.peer.Pools;
import org.generatrix.bench.peer.Torch;
import org.generatrix.bench.peer.TorchConv;
import org.generatrix.binding.Conv;
import org.generatrix.binding.Device;
import org.generatrix.tensor.DType;
import org.generatrix.tensor.Scope;
import org.generatrix.tensor.Tensor;

/** Our kernels by their binding, libtorch's operations and oneDNN's primitives on one shape. */
final class ConvTrial implements Trial {
  private static final double OURS = 2e-5; // differences, against the largest element
  private static final double PEERS = 1e-3;

  private final ConvCase c;
  private final ConvPass pass;
  private final Scope scope = new Scope();
  private final Device device;
  private final Conv.Shape shape;
  private final Conv.Shape flipped;
  private final Tensor x;
  private final Tensor weight;
  private final Tensor b;
  private final Tensor dy;
  private final Tensor y;
  private final Tensor dx;
  private final Tensor dWeight;
  private final Tensor packed; // null: not kept, or nothing to be gained
  private final TorchConv torch;
  private final List<OneDnnConv> oneDnn = new ArrayList<>();

  ConvTrial(ConvCase c, ConvPass pass, int threads) {
    this.c = c;
    this.pass = pass;
    shape = c.shape();
    flipped = c.flipped();
    double terms = (double) c.weightCount() / c.out();
    float[] xs = numbers(size(c.xShape()), 1, 1);
    float[] weights = numbers(c.weightCount(), 2, 1 / Math.sqrt(terms));
    float[] biases = numbers(c.out(), 3, 1);
    float[] slopes = numbers(size(c.yShape()), 4, 1);
    device = scope.own(Device.cpu(threads));
    x = scope.own(Tensor.of(device, xs, c.xShape()));
    weight = scope.own(Tensor.of(device, weights, c.weightShape()));
    b = scope.own(Tensor.of(device, biases, c.out()));
    dy = scope.own(Tensor.of(device, slopes, c.yShape()));
    y = scope.own(Tensor.zeros(device, c.yShape()));
    dx = scope.own(Tensor.zeros(device, c.xShape()));
    dWeight = scope.own(Tensor.zeros(device, c.weightShape()));
    packed = pass == ConvPass.PACKED ? packed() : null;
    Torch.setThreads(threads);
    torch = scope.own(new TorchConv(c, xs, weights, biases, slopes));
    if (Pools.current() == Pools.TUNED) {
      for (boolean blocked : new boolean[] {false, true}) {
        oneDnn.add(scope.own(new OneDnnConv(c, pass, blocked, xs, weights, biases, slopes)));
      }
    }
  }

  private static int size(long... shape) {
    long size = 1;
    for (long extent : shape) {
      size *= extent;
    }
    return Math.toIntExact(size);
  }

  private static float[] numbers(int count, long seed, double limit) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (limit * (2 * random.nextDouble() - 1));
    }
    return values;
  }

  private Tensor packed() {
    Conv.Packing packing = Conv.packingOf(device, weight.dtype().format(), shape);
    if (packing.bytes() == 0) {
      return null;
    }
    Tensor made = Tensor.empty(device, DType.FLOAT32, packing.bytes() / Float.BYTES);
    scope.own(made);
    Conv.pack(device, shape, weight.view(), made.view());
    return made;
  }

  private void run() {
    if (pass.forward()) {
      Conv.conv(
          device,
          shape,
          x.view(),
          packed == null ? weight.view() : null,
          b.view(),
          packed == null ? null : packed.view(),
          y.view());
    }
    if (pass.backward()) {
      Conv.conv(device, flipped, dy.view(), weight.view(), null, null, dx.view());
      Conv.weightGradient(device, shape, x.view(), dy.view(), dWeight.view());
    }
  }

  @Override
  public Contender ours() {
    return new Contender("binding", this::run);
  }

  @Override
  public List<Peer> peers() {
    List<Peer> peers = new ArrayList<>();
    peers.add(new Peer(Torch.name(device.threads()), torch.variants(pass)));
    if (!oneDnn.isEmpty()) {
      peers.add(
          new Peer("onednn", oneDnn.stream().map(p -> new Contender(p.label(), p::run)).toList()));
    }
    return peers;
  }

  @Override
  public Work work() {
    return Work.flops(pass.products() * c.flops());
  }

  /** Ours and oneDNN's results against libtorch's, which come by another library's kernels. */
  @Override
  public void verify() {
    run();
    for (OneDnnConv peer : oneDnn) {
      peer.run();
    }
    if (pass.forward()) {
      float[] expected = torch.y();
      close("y", y.toArray(), expected, OURS);
      for (OneDnnConv peer : oneDnn) {
        close(peer.label() + " y", peer.y(), expected, PEERS);
      }
    }
    if (pass.backward()) {
      float[] expected = torch.dx();
      float[] expectedWeight = torch.dWeight();
      close("dx", dx.toArray(), expected, OURS);
      close("dW", dWeight.toArray(), expectedWeight, OURS);
      for (OneDnnConv peer : oneDnn) {
        close(peer.label() + " dx", peer.dx(), expected, PEERS);
        close(peer.label() + " dW", masked(peer.dWeight()), expectedWeight, PEERS);
      }
    }
  }

  private float[] masked(float... values) {
    float[] mask = c.mask();
    for (int i = 0; i < values.length; i++) {
      values[i] *= mask[i];
    }
    return values;
  }

  private static void close(String what, float[] actual, float[] expected, double tolerance) {
    double largest = 0;
    int worst = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      if (!(Math.abs(actual[i] - expected[i]) <= Math.abs(actual[worst] - expected[worst]))) {
        worst = i;
      }
    }
    Verify.close(what + "[" + worst + "]", actual[worst], expected[worst], tolerance * largest);
  }

  @Override
  public String note() {
    return packed == null && pass == ConvPass.PACKED ? "nothing to pack" : "";
  }

  @Override
  public void close() {
    scope.close();
  }
}
